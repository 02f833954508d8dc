//! Counts the connections and requests of each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections and requests each address has. Clones count together.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    open: Arc<Mutex<HashMap<IpAddr, Held>>>,
    most: usize,
}

impl Addresses {
    /// At most `most` connections an address.
    pub(super) fn new(most: usize) -> Self {
        Self { open: Arc::default(), most }
    }

    /// A seat for one more connection of `address`, held while it is open; `None` when it has all it may have.
    pub(super) fn seat(&self, address: IpAddr) -> Option<Seat> {
        let holder = holder(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let held = open.entry(holder).or_default();
        if held.connections >= self.most {
            return None;
        }
        held.connections += 1;
        Some(Seat { addresses: self.clone(), holder, requests: Arc::clone(&held.requests) })
    }

    fn leave(&self, holder: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = open.entry(holder) {
            let held = entry.get_mut();
            held.connections = held.connections.saturating_sub(1);
            if held.connections == 0 {
                entry.remove();
            }
        }
    }
}

/// What one address has.
#[derive(Debug, Default)]
struct Held {
    connections: usize,
    /// Shared with its seats, so that a request need not look for it.
    requests: Arc<AtomicUsize>,
}

/// One connection, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    addresses: Addresses,
    holder: IpAddr,
    requests: Arc<AtomicUsize>,
}

impl Seat {
    /// A place for one more request of this connection's address; `None` when its connections have `most` together.
    pub(super) fn place(&self, most: usize) -> Option<Place<'_>> {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        let place = Place(&self.requests);
        (before < most).then_some(place)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.addresses.leave(self.holder);
    }
}

/// One request, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'s>(&'s AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it.
fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_as_many_seats_as_it_may_have_and_others_get_theirs() {
        let addresses = Addresses::new(2);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let (first, second) = (addresses.seat(one), addresses.seat(one));
        assert!(first.is_some() && second.is_some() && addresses.seat(one).is_none());
        assert!(addresses.seat(other).is_some());
        drop(first);
        assert!(addresses.seat(one).is_some());
        drop(second);
        assert!(addresses.open.lock().unwrap().is_empty(), "who has left is forgotten");
    }

    #[test]
    fn an_address_has_its_places_over_all_its_connections_and_gets_them_back() {
        let addresses = Addresses::new(2);
        let seat = |last| addresses.seat(IpAddr::from([192, 0, 2, last])).unwrap();
        let (one, too, other) = (seat(1), seat(1), seat(2));
        let (first, second) = (one.place(2), too.place(2));
        assert!(first.is_some() && second.is_some());
        for _ in 0..2 {
            assert!(one.place(2).is_none() && too.place(2).is_none(), "what is refused takes nothing");
        }
        assert!(other.place(2).is_some());
        drop(first);
        assert!(too.place(2).is_some());
        drop(second);
        assert_eq!(one.requests.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_a_mapped_address_as_what_it_is() {
        let addresses = Addresses::new(1);
        let _first = addresses.seat("2001:db8::1".parse().unwrap());
        assert!(addresses.seat("2001:db8::ffff:0:0:2".parse().unwrap()).is_none());
        assert!(addresses.seat("2001:db8:0:1::1".parse().unwrap()).is_some());
        let _mapped = addresses.seat("::ffff:192.0.2.1".parse().unwrap());
        assert!(addresses.seat("192.0.2.1".parse().unwrap()).is_none());
    }
}
