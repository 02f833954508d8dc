//! Counts the connections and requests of each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
        let mut open = self.locked();
        let held = open.entry(holder).or_default();
        (held.seats < self.most).then(|| self.sit(holder, held))
    }

    /// A seat that is always had: for a connection of a proxy, whose connections are many people's, and for a request that
    /// came over one, in the name of whoever is behind it.
    pub(super) fn visitor(&self, address: IpAddr) -> Seat {
        let holder = holder(address);
        self.sit(holder, self.locked().entry(holder).or_default())
    }

    fn sit(&self, holder: IpAddr, held: &mut Held) -> Seat {
        held.seats += 1;
        Seat { addresses: self.clone(), holder, requests: Arc::clone(&held.requests) }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<IpAddr, Held>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, holder: IpAddr) {
        if let Entry::Occupied(mut entry) = self.locked().entry(holder) {
            let held = entry.get_mut();
            held.seats = held.seats.saturating_sub(1);
            if held.seats == 0 {
                entry.remove();
            }
        }
    }
}

/// What one address has.
#[derive(Debug, Default)]
struct Held {
    /// Connections, and requests over those of a proxy.
    seats: usize,
    /// Shared with its seats, so that a request need not look for it.
    requests: Arc<AtomicUsize>,
}

/// One connection, or one request over a proxy's, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    addresses: Addresses,
    holder: IpAddr,
    requests: Arc<AtomicUsize>,
}

impl Seat {
    /// A place for one more request of this connection's address; `None` when its connections have `most` together.
    pub(super) fn place(&self, most: usize) -> Option<Place> {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.requests));
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
pub(super) struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it.
pub(super) fn holder(address: IpAddr) -> IpAddr {
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
    fn whoever_comes_by_a_proxy_is_counted_by_their_own_address_and_forgotten_after() {
        let addresses = Addresses::new(1);
        let [proxy, client, other] = [1, 2, 3].map(|last| IpAddr::from([192, 0, 2, last]));
        let _connections = [addresses.visitor(proxy), addresses.visitor(proxy)];
        let [first, second, third] = [client, client, other].map(|address| addresses.visitor(address));
        let _place = first.place(1);
        assert!(second.place(1).is_none() && third.place(1).is_some());
        drop((first.place(1), second, third));
        assert_eq!(addresses.open.lock().unwrap().len(), 2);
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
