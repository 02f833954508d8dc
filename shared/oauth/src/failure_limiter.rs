//! Counts failed attempts, so that guessing is slow before any guess is hashed.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::TenantId;

/// How many failures are forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// At once.
    pub burst: u32,
    /// And then each second.
    pub refill_per_second: u32,
}

/// The bounds of a [`FailureLimiter`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LimiterSettings {
    /// For one client from one source.
    pub client: Quota,
    /// For one source, whichever clients it claims to be.
    pub source: Quota,
    /// How many clients-with-source, and how many sources, are remembered; 16 bytes each. Beyond that the least guilty
    /// are forgotten.
    pub remembered: usize,
}

/// Refuses attempts of clients and sources that failed too often. Only failures count.
#[derive(Debug)]
pub struct FailureLimiter {
    hasher: RandomState,
    clients: DebtTable,
    sources: DebtTable,
}

/// Who attempts, as a [`FailureLimiter`] knows it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    client: u64,
    source: u64,
}

/// Why an attempt is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// When one more is.
    pub retry_after: Duration,
    /// How many failures at once would have been.
    pub limit: u32,
}

impl FailureLimiter {
    /// A limiter that has seen nothing.
    #[must_use]
    pub fn new(settings: &LimiterSettings) -> Self {
        Self {
            hasher: RandomState::new(),
            clients: DebtTable::new(settings.client, settings.remembered),
            sources: DebtTable::new(settings.source, settings.remembered),
        }
    }

    /// Names an attempt of whoever says to be `name`. Keys are hashes under a key of this process, so that nobody can choose
    /// to collide.
    #[must_use]
    pub fn attempt(&self, tenant: &TenantId, name: &str, source: Option<IpAddr>) -> Attempt {
        self.attempt_from(tenant, name, source.map(network_of))
    }

    /// The same where a source is known by something else than an address.
    #[must_use]
    pub fn attempt_from(&self, tenant: &TenantId, name: &str, source: impl Hash) -> Attempt {
        Attempt {
            client: self.hasher.hash_one((tenant.as_str(), name, &source)),
            source: self.hasher.hash_one(&source),
        }
    }

    /// How long to wait, if the attempt is one too many; of two waits the longer. `now` is a reading of a clock that never
    /// goes back.
    #[must_use]
    pub fn refusal(&self, attempt: Attempt, now: Duration) -> Option<TooMany> {
        let counted = [(&self.clients, attempt.client), (&self.sources, attempt.source)];
        let refusals = counted.into_iter().filter_map(|(table, key)| {
            let retry_after = table.refusal(key, now)?;
            Some(TooMany { retry_after, limit: table.burst })
        });
        refusals.max_by_key(|refusal| refusal.retry_after)
    }

    /// The attempt failed.
    pub fn record_failure(&self, attempt: Attempt, now: Duration) {
        self.clients.add(attempt.client, now);
        self.sources.add(attempt.source, now);
    }
}

/// The network that one source has, by an address of it: a subscriber has a whole IPv6 /64, and an IPv4 address may come dressed
/// as IPv6.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Failures as debts that time pays off (GCRA), in a table of fixed size. All lengths in microseconds.
#[derive(Debug)]
struct DebtTable {
    /// How many failures at once are forgiven.
    burst: u32,
    /// What one failure costs.
    cost: u64,
    /// The most that may be owed.
    credit: u64,
    rows: Box<[Mutex<[Debt; ROW]>]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Debt {
    key: u64,
    /// The reading of the clock when all is paid.
    paid_at: u64,
}

impl DebtTable {
    fn new(quota: Quota, remembered: usize) -> Self {
        let cost = (1_000_000 / u64::from(quota.refill_per_second.max(1))).max(1);
        let rows = remembered.div_ceil(ROW).max(1);
        let burst = quota.burst.max(1);
        Self {
            burst,
            cost,
            credit: cost * u64::from(burst),
            rows: (0..rows).map(|_| Mutex::new([Debt::default(); ROW])).collect(),
        }
    }

    fn refusal(&self, key: u64, now: Duration) -> Option<Duration> {
        let owed = self.with_row(key, |row| row.iter().find(|debt| debt.key == key).map_or(0, |debt| debt.owed(now)));
        let excess = (owed + self.cost).saturating_sub(self.credit);
        (excess > 0).then(|| Duration::from_micros(excess))
    }

    fn add(&self, key: u64, now: Duration) {
        self.with_row(key, |row| {
            let known = row.iter().position(|debt| debt.key == key);
            let least = || row.iter().enumerate().min_by_key(|(_, debt)| debt.paid_at).map(|(place, _)| place);
            if let Some(debt) = known.or_else(least).and_then(|place| row.get_mut(place)) {
                let owed = if debt.key == key { debt.owed(now) } else { 0 };
                *debt = Debt { key, paid_at: micros(now) + (owed + self.cost).min(self.credit) };
            }
        });
    }

    fn with_row<T>(&self, key: u64, act: impl FnOnce(&mut [Debt; ROW]) -> T) -> T {
        let place = usize::try_from(key % self.rows.len() as u64).unwrap_or(0);
        match self.rows.get(place) {
            Some(row) => act(&mut row.lock().unwrap_or_else(PoisonError::into_inner)),
            None => act(&mut [Debt::default(); ROW]),
        }
    }
}

impl Debt {
    fn owed(&self, now: Duration) -> u64 {
        self.paid_at.saturating_sub(micros(now))
    }
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX / 2)
}

/// Debts that share one lock; one row is two cache lines.
const ROW: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUOTA: Quota = Quota { burst: 10, refill_per_second: 5 };
    const GENEROUS: Quota = Quota { burst: 1000, refill_per_second: 1000 };

    fn limiter(client: Quota, source: Quota) -> FailureLimiter {
        FailureLimiter::new(&LimiterSettings { client, source, remembered: 4096 })
    }

    fn from(limiter: &FailureLimiter, client: &str, source: &str) -> Attempt {
        limiter.attempt(&TenantId::default_tenant(), client, Some(source.parse().unwrap()))
    }

    fn fail(limiter: &FailureLimiter, attempt: Attempt, times: u32, now: Duration) {
        (0..times).for_each(|_| limiter.record_failure(attempt, now));
    }

    #[test]
    fn b18_a_client_is_heard_up_to_its_burst_and_again_when_time_has_passed() {
        let limiter = limiter(QUOTA, GENEROUS);
        let attempt = from(&limiter, "client", "192.0.2.1");
        let now = Duration::from_secs(100);
        fail(&limiter, attempt, 9, now);
        assert_eq!(limiter.refusal(attempt, now), None);
        fail(&limiter, attempt, 1, now);
        assert_eq!(limiter.refusal(attempt, now), Some(TooMany { retry_after: Duration::from_millis(200), limit: 10 }));
        assert_eq!(limiter.refusal(attempt, now + Duration::from_millis(200)), None);
    }

    #[test]
    fn b18_a_source_is_counted_whichever_clients_it_claims_to_be() {
        let limiter = limiter(GENEROUS, QUOTA);
        let now = Duration::from_secs(100);
        (0..10).for_each(|n| fail(&limiter, from(&limiter, &format!("client-{n}"), "192.0.2.1"), 1, now));
        let refusal = limiter.refusal(from(&limiter, "client-11", "192.0.2.1"), now).unwrap();
        assert_eq!(refusal.limit, QUOTA.burst, "the limit that was reached is told");
        assert!(limiter.refusal(from(&limiter, "client-11", "192.0.2.2"), now).is_none());
    }

    #[test]
    fn b18_nobody_locks_a_client_out_from_elsewhere() {
        let limiter = limiter(QUOTA, GENEROUS);
        let now = Duration::from_secs(100);
        fail(&limiter, from(&limiter, "client", "192.0.2.1"), 50, now);
        assert!(limiter.refusal(from(&limiter, "client", "192.0.2.1"), now).is_some());
        assert!(limiter.refusal(from(&limiter, "client", "198.51.100.1"), now).is_none());
        assert!(limiter.refusal(from(&limiter, "neighbour", "192.0.2.1"), now).is_none());
    }

    #[test]
    fn one_subscribers_ipv6_addresses_are_one_source_and_mapped_ipv4_is_ipv4() {
        let limiter = limiter(QUOTA, GENEROUS);
        let now = Duration::from_secs(100);
        fail(&limiter, from(&limiter, "client", "2001:db8:1:2::1"), 10, now);
        fail(&limiter, from(&limiter, "client", "192.0.2.7"), 10, now);
        assert!(limiter.refusal(from(&limiter, "client", "2001:db8:1:2:ffff::9"), now).is_some());
        assert!(limiter.refusal(from(&limiter, "client", "::ffff:192.0.2.7"), now).is_some());
        assert!(limiter.refusal(from(&limiter, "client", "2001:db8:1:3::1"), now).is_none());
    }

    #[test]
    fn a_flood_of_sources_takes_no_more_memory_and_spares_the_guiltiest() {
        let table = DebtTable::new(QUOTA, ROW);
        let now = Duration::from_secs(100);
        (0..10).for_each(|_| table.add(7, now));
        (1000..5000).for_each(|key| table.add(key, now));
        assert!(table.refusal(7, now).is_some());
        assert_eq!(table.rows.len(), 1);
    }

    proptest! {
        #[test]
        fn no_pattern_of_failures_passes_more_than_burst_and_refill(gaps in prop::collection::vec(0_u64..400, 1..400)) {
            let limiter = limiter(QUOTA, GENEROUS);
            let attempt = from(&limiter, "client", "192.0.2.1");
            let start = Duration::from_secs(100);
            let (mut now, mut heard) = (start, 0_u64);
            for gap in gaps {
                now += Duration::from_millis(gap);
                if limiter.refusal(attempt, now).is_none() {
                    heard += 1;
                    limiter.record_failure(attempt, now);
                }
                let refilled = u64::try_from((now - start).as_millis()).unwrap() / 200;
                prop_assert!(heard <= u64::from(QUOTA.burst) + refilled);
            }
        }

        #[test]
        fn whoever_is_refused_is_heard_when_told_to_return(failures in 1_u32..200) {
            let limiter = limiter(QUOTA, GENEROUS);
            let attempt = from(&limiter, "client", "192.0.2.1");
            let now = Duration::from_secs(100);
            fail(&limiter, attempt, failures, now);
            let wait = limiter.refusal(attempt, now).map_or(Duration::ZERO, |refusal| refusal.retry_after);
            prop_assert_eq!(limiter.refusal(attempt, now + wait), None);
        }
    }
}
