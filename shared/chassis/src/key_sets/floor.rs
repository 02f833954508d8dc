//! No older key set after a newer one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mintage_api::keys::GetKeySetResponse;
use tokio::time::Instant;

/// The highest version of a tenant's key set that was heard of lately, whoever said it. A replica of key-management that
/// has not read of it yet still tells an older one, with keys in it that were revoked: that one is not to be used.
///
/// It lapses [`Floor::holds`] after the version was first heard of, since no replica may lag for as long: who tells an
/// older one then has a database that was restored, and is followed.
#[derive(Debug, Default)]
pub struct Floor(Mutex<Option<Highest>>);

#[derive(Clone, Copy, Debug)]
struct Highest {
    version: u64,
    /// When it was heard of first: from then on it was kept, and replicas could read of it.
    since: Instant,
    /// How long it counts.
    holds: Duration,
}

impl Floor {
    /// How long it holds above what the default of `key_management.replica_lag` allows, 10 s.
    pub const HOLDS: Duration = Self::holds(DEFAULT_LAG);
    /// How long it holds at most, as no replica may lag for longer than an hour.
    pub const LONGEST: Duration = Self::holds(LONGEST_LAG);

    /// How long it holds where a replica goes on with what it read for `replica_lag`. What it sends may be on its way for a few
    /// seconds; 20 are added for that, which is short enough for the rare day on which a database is restored.
    #[must_use]
    pub const fn holds(replica_lag: Duration) -> Duration {
        replica_lag.saturating_add(ON_THE_WAY)
    }

    /// Nothing was heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `version` was heard of, of replicas that may lag by `replica_lag`; `false` when it is older than what was, and
    /// is not to be used.
    pub fn raise(&self, version: u64, replica_lag: Duration) -> bool {
        let holds = Self::holds(replica_lag.min(LONGEST_LAG));
        let mut highest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *highest {
            Some(known) if known.holds() && version < known.version => false,
            Some(known) if known.version == version => true,
            _ => {
                *highest = Some(Highest { version, since: Instant::now(), holds });
                true
            }
        }
    }

    /// Whether a newer version than `version` was heard of lately.
    #[must_use]
    pub fn is_above(&self, version: u64) -> bool {
        let highest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        highest.is_some_and(|known| known.holds() && version < known.version)
    }
}

impl Highest {
    fn holds(self) -> bool {
        self.since.elapsed() < self.holds
    }
}

/// How long a replica of key-management may still answer with what it read before, as the answer says.
#[must_use]
pub fn replica_lag(key_set: &GetKeySetResponse) -> Duration {
    match key_set.replica_lag_seconds {
        0 => DEFAULT_LAG,
        seconds => Duration::from_secs(seconds.into()),
    }
}

const DEFAULT_LAG: Duration = Duration::from_secs(10);
/// The most that key management's settings take.
const LONGEST_LAG: Duration = Duration::from_hours(1);
const ON_THE_WAY: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_older_version_is_refused_until_no_replica_can_lag_so_far() {
        let floor = Floor::new();
        assert!(!floor.is_above(0));
        let raise = |version| floor.raise(version, DEFAULT_LAG);
        assert!(raise(7) && raise(10));
        tokio::time::advance(Floor::HOLDS / 2).await;
        assert!(raise(10) && !raise(9) && floor.is_above(9) && !floor.is_above(10));
        tokio::time::advance(Floor::HOLDS / 2).await;
        assert!(!floor.is_above(9), "what was heard again was no newer");
        assert!(raise(5) && floor.is_above(4) && !floor.is_above(5), "the database was restored");
    }

    #[tokio::test(start_paused = true)]
    async fn an_older_version_is_refused_for_longer_than_replicas_may_lag_however_far_that_is() {
        for seconds in [0, 1, 10, 25, 26, 60, 600, 3600] {
            let floor = Floor::new();
            let lag = replica_lag(&GetKeySetResponse { replica_lag_seconds: seconds, ..Default::default() });
            assert!(floor.raise(10, lag));
            tokio::time::advance(lag + Duration::from_secs(15)).await;
            assert!(floor.is_above(9) && !floor.raise(9, lag), "lag of {seconds} s, and a set long on its way");
            tokio::time::advance(Duration::from_secs(5)).await;
            assert!(!floor.is_above(9), "{seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_told_to_believe_no_restored_database_for_days() {
        let floor = Floor::new();
        assert!(floor.raise(10, Duration::MAX));
        tokio::time::advance(Floor::LONGEST).await;
        assert!(!floor.is_above(9));
    }
}
