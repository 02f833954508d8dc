//! The watchers of this replica, and what of them is not kept yet.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use mintage_oauth::TenantId;

use super::WatchSettings;
use crate::store::{KeptWatcher, WatcherChanges};

/// Who sits where.
#[derive(Debug, Default)]
pub(super) struct Seats {
    next: i64,
    taken: BTreeMap<i64, Seated>,
    /// Seats of which the database does not know what they say now.
    changed: BTreeSet<i64>,
    /// Seats that the database knows.
    written: BTreeSet<i64>,
    /// Seats that it knows and that were left.
    gone: BTreeSet<i64>,
}

/// Who takes a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A service of the suite.
    Service,
    /// An operator of a tenant.
    Operator(TenantId),
    /// Anybody, where it comes from: the address, of IPv6 the network of one customer.
    Other(Option<IpAddr>),
}

impl Standing {
    /// Anybody at an address.
    #[must_use]
    pub fn other(address: Option<IpAddr>) -> Self {
        Self::Other(address.map(|address| match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
        }))
    }

    /// Whether a new key waits for it.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self, Self::Service | Self::Operator(_))
    }

    const fn is_as(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Service, Self::Service) | (Self::Operator(_), Self::Operator(_)) | (Self::Other(_), Self::Other(_))
        )
    }
}

#[derive(Debug)]
struct Seated {
    standing: Standing,
    /// Whose key set it watches, and under which name; `None` until it has said so.
    watches: Option<(TenantId, String)>,
    /// The version that it was sent last.
    sent: u64,
    /// The version that it acknowledged last.
    holds: u64,
    /// How many acknowledgements are still awaited of it.
    awaited: u32,
}

/// Why an acknowledgement is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgementError {
    /// Nobody can hold what was not sent.
    #[error("the version is one that was not sent")]
    NeverSent,
    /// One for each key set is enough.
    #[error("there were more acknowledgements than key sets")]
    TooMany,
}

impl Seats {
    /// A seat for one more, if its kind has one left.
    pub(super) fn sit(&mut self, standing: Standing, settings: &WatchSettings) -> Option<i64> {
        let most = match standing {
            Standing::Service => settings.max_service_watchers,
            Standing::Operator(_) => settings.max_operator_watchers,
            Standing::Other(_) => settings.max_other_watchers,
        };
        if self.count(&standing) >= most || self.is_greedy(&standing, most) {
            return None;
        }
        self.next += 1;
        let seated = Seated { standing, watches: None, sent: 0, holds: 0, awaited: SPARE };
        self.taken.insert(self.next, seated);
        Some(self.next)
    }

    /// Whether its like have their share already: no tenant's operators take the seats of another's, and no address those
    /// of the others.
    fn is_greedy(&self, standing: &Standing, most: usize) -> bool {
        let share = match standing {
            Standing::Service => return false,
            Standing::Operator(_) => SHARE_OF_TENANT,
            Standing::Other(_) => SHARE_OF_ADDRESS,
        };
        self.taken.values().filter(|seated| seated.standing == *standing).count() >= most.div_ceil(share)
    }

    /// How many there are of a kind.
    pub(super) fn count(&self, kind: &Standing) -> usize {
        self.taken.values().filter(|seated| seated.standing.is_as(kind)).count()
    }

    /// How many counted ones do not hold what they were sent.
    pub(super) fn behind(&self) -> usize {
        self.taken.values().filter(|seated| seated.standing.counts() && seated.holds < seated.sent).count()
    }

    /// Whether the database knows of one, or should.
    pub(super) fn concern_others(&self) -> bool {
        !(self.changed.is_empty() && self.written.is_empty() && self.gone.is_empty())
    }

    /// The one on a seat says what it watches. Whether that is news for the database.
    pub(super) fn watch(&mut self, seat: i64, tenant: TenantId, name: String) -> bool {
        let Some(seated) = self.taken.get_mut(&seat) else { return false };
        seated.watches = Some((tenant, name));
        seated.standing.counts() && self.changed.insert(seat)
    }

    /// The one on a seat was sent a version. A lower one than before is another count: what was acknowledged is void.
    pub(super) fn sent(&mut self, seat: i64, version: u64) -> bool {
        let Some(seated) = self.taken.get_mut(&seat) else { return false };
        let is_another_count = version < seated.sent;
        seated.sent = version;
        seated.awaited = seated.awaited.saturating_add(1);
        if is_another_count {
            seated.holds = 0;
        }
        is_another_count && seated.standing.counts() && self.changed.insert(seat)
    }

    /// The one on a seat holds a version. Whether that is news for the database.
    pub(super) fn acknowledge(&mut self, seat: i64, version: u64) -> Result<bool, AcknowledgementError> {
        let Some(seated) = self.taken.get_mut(&seat) else { return Ok(false) };
        seated.awaited = seated.awaited.checked_sub(1).ok_or(AcknowledgementError::TooMany)?;
        if version > seated.sent {
            return Err(AcknowledgementError::NeverSent);
        }
        if version <= seated.holds {
            return Ok(false);
        }
        seated.holds = version;
        Ok(seated.standing.counts() && self.changed.insert(seat))
    }

    /// A seat is free again. Whether that is news for the database.
    pub(super) fn leave(&mut self, seat: i64) -> bool {
        self.taken.remove(&seat);
        self.changed.remove(&seat);
        self.written.remove(&seat) && self.gone.insert(seat)
    }

    /// Some of what the database does not know; `None` when it knows all.
    pub(super) fn changes(&mut self, most: usize) -> Option<WatcherChanges> {
        let seats: Vec<_> = self.changed.iter().copied().take(most).collect();
        let kept: Vec<_> = seats.iter().filter_map(|seat| self.kept(*seat)).collect();
        let gone: Vec<_> = self.gone.iter().copied().take(most).collect();
        for seat in &seats {
            self.changed.remove(seat);
            // From now on the row may be there, whatever comes of writing it.
            self.written.insert(*seat);
        }
        for seat in &gone {
            self.gone.remove(seat);
        }
        (!kept.is_empty() || !gone.is_empty()).then_some(WatcherChanges { kept, gone })
    }

    /// All there is for the database to know, to be put in the place of whatever it knows.
    pub(super) fn all(&mut self) -> Vec<KeptWatcher> {
        let counted = self.taken.iter().filter(|(_, seated)| seated.standing.counts() && seated.watches.is_some());
        self.written = counted.map(|(seat, _)| *seat).collect();
        self.changed.clear();
        self.gone.clear();
        self.written.iter().filter_map(|seat| self.kept(*seat)).collect()
    }

    fn kept(&self, seat: i64) -> Option<KeptWatcher> {
        let seated = self.taken.get(&seat)?;
        let (tenant, name) = seated.watches.clone()?;
        Some(KeptWatcher { seat, tenant, name, version: seated.holds })
    }
}

/// How many acknowledgements a watcher may make beside those of what it was sent.
const SPARE: u32 = 8;
/// The operators of one tenant have one of so many parts of the seats of operators.
const SHARE_OF_TENANT: usize = 4;
/// Whoever comes from one address has one of so many parts of the seats of anybody.
const SHARE_OF_ADDRESS: usize = 16;
/// The first 64 bits of an address.
const NETWORK: u128 = !0 << 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn seated(seats: &mut Seats, counts: bool) -> i64 {
        let standing = if counts { Standing::Service } else { Standing::Other(None) };
        let seat = seats.sit(standing, &WatchSettings::default()).unwrap();
        seats.watch(seat, TenantId::default_tenant(), "someone".to_owned());
        seat
    }

    fn versions(changes: &WatcherChanges) -> Vec<(i64, u64)> {
        changes.kept.iter().map(|watcher| (watcher.seat, watcher.version)).collect()
    }

    #[test]
    fn no_kind_of_watcher_takes_the_seats_of_the_other() {
        let few = WatchSettings {
            max_service_watchers: 1,
            max_operator_watchers: 8,
            max_other_watchers: 1,
            ..WatchSettings::default()
        };
        let mut seats = Seats::default();
        let mut sit = |standing: &Standing| seats.sit(standing.clone(), &few);
        let [acme, other] = ["acme", "other"].map(|tenant| Standing::Operator(tenant.parse().unwrap()));
        let first = sit(&Standing::Other(None)).unwrap();
        assert_eq!(sit(&Standing::Other(None)), None);
        assert!(sit(&acme).is_some() && sit(&acme).is_some());
        assert_eq!(sit(&acme), None, "a tenant has its share");
        assert!(sit(&other).is_some());
        assert!(sit(&Standing::Service).is_some());
        assert_eq!(sit(&Standing::Service), None);
        seats.leave(first);
        assert!(seats.sit(Standing::Other(None), &few).is_some());
    }

    #[test]
    fn what_changed_is_told_once_and_of_those_alone_that_count() {
        let mut seats = Seats::default();
        let (stranger, counted) = (seated(&mut seats, false), seated(&mut seats, true));
        assert_eq!(versions(&seats.changes(10).unwrap()), [(counted, 0)]);
        for seat in [stranger, counted] {
            seats.sent(seat, 5);
        }
        assert_eq!(seats.behind(), 1);
        assert_eq!(seats.acknowledge(stranger, 5), Ok(false));
        assert_eq!(seats.acknowledge(counted, 5), Ok(true));
        assert_eq!((seats.behind(), versions(&seats.changes(10).unwrap())), (0, vec![(counted, 5)]));
        assert_eq!((seats.acknowledge(counted, 4), seats.changes(10)), (Ok(false), None), "it holds a later one");
        assert!(!seats.leave(stranger) && seats.leave(counted));
        assert_eq!(seats.changes(10), Some(WatcherChanges { kept: Vec::new(), gone: vec![counted] }));
        assert!(!seats.concern_others());
    }

    #[test]
    fn an_acknowledgement_of_what_was_not_sent_is_refused_and_one_too_many_too() {
        let mut seats = Seats::default();
        let seat = seated(&mut seats, true);
        assert_eq!(seats.acknowledge(seat, 1), Err(AcknowledgementError::NeverSent));
        seats.sent(seat, 3);
        let answers: Vec<_> = (0..SPARE).map(|_| seats.acknowledge(seat, 3)).collect();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(seats.acknowledge(seat, 3), Err(AcknowledgementError::TooMany));
        seats.sent(seat, 4);
        assert!(seats.acknowledge(seat, 4).is_ok());
    }

    #[test]
    fn versions_that_begin_anew_void_what_was_acknowledged() {
        let mut seats = Seats::default();
        let seat = seated(&mut seats, true);
        seats.sent(seat, 9);
        seats.acknowledge(seat, 9).unwrap();
        seats.changes(10).unwrap();
        assert!(seats.sent(seat, 2), "the database was restored from a backup");
        assert_eq!(versions(&seats.changes(10).unwrap()), [(seat, 0)]);
        assert_eq!(seats.acknowledge(seat, 9), Err(AcknowledgementError::NeverSent));
    }

    #[test]
    fn where_nothing_is_known_all_are_told_and_a_few_at_a_time_otherwise() {
        let mut seats = Seats::default();
        let (left, right) = (seated(&mut seats, true), seated(&mut seats, true));
        seated(&mut seats, false);
        seats.changes(10).unwrap();
        seats.leave(left);
        let seats_of = |kept: &[KeptWatcher]| kept.iter().map(|watcher| watcher.seat).collect::<Vec<_>>();
        assert_eq!(seats_of(&seats.all()), [right]);
        assert_eq!(seats.changes(10), None, "whoever left goes with all the others");
        let many: Vec<_> = (0..7).map(|_| seated(&mut seats, true)).collect();
        assert_eq!(seats.changes(5).unwrap().kept.len(), 5);
        assert_eq!(seats.changes(5).unwrap().kept.len(), many.len() - 5);
        assert!(seats.leave(right) && seats.concern_others());
    }

    #[test]
    fn b8_no_address_takes_the_seats_of_all_the_others() {
        let few = WatchSettings { max_other_watchers: 32, ..WatchSettings::default() };
        let mut seats = Seats::default();
        let mut sit = |address: &str| seats.sit(Standing::other(Some(address.parse().unwrap())), &few);
        for [first, second, third] in
            [["192.0.2.1", "192.0.2.1", "192.0.2.1"], ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:1::3"]]
        {
            assert!(sit(first).is_some());
            assert!(sit(second).is_some());
            assert_eq!(sit(third), None, "{third} has its share");
        }
        assert!(sit("192.0.2.2").is_some() && sit("2001:db8:0:1::1").is_some());
        let neighbours = (0..40).filter(|last| sit(&format!("198.51.100.{last}")).is_some()).count();
        assert_eq!(neighbours, 32 - 6, "all together have as many as there are");
    }
}
