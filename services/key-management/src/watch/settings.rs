//! How many may watch key sets, and how they know that they still hear.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who may watch key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSettings {
    /// How many streams of services of the suite a replica takes at once. A new key waits for them. 1 to 65536; default
    /// 4096.
    pub max_service_watchers: usize,
    /// How many streams of operators it takes at once whose token has the scope `watch:key_sets`. A new key waits for them,
    /// too. The operators of one tenant may have a quarter of them. Up to 65536; default 1024.
    pub max_operator_watchers: usize,
    /// How many streams of anybody else it takes at once. No key waits for those. One IPv4 address, or one /64 of IPv6, may
    /// have a sixteenth of them, and each ends after some ten minutes. Up to 65536; default 1024.
    pub max_other_watchers: usize,
    /// How long a stream is silent at most while nothing changes. After three times as long a watcher believes it lost: so
    /// long it may go on with an old key set. From 10 ms to 20 s, and at most a third of `max_age` and of `replica_lag`;
    /// default 1 s.
    pub sign_of_life_interval: Duration,
}

impl WatchSettings {
    /// After so long without a message a watcher should believe the stream lost.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.sign_of_life_interval * SIGNS
    }

    /// Whether nobody goes on with a key set for longer than the windows of a key's life reckon with: than it may be kept,
    /// and than a replica may lag.
    ///
    /// # Errors
    /// When somebody may.
    pub fn check_silence(&self, max_age: Duration, replica_lag: Duration) -> Result<(), (&'static str, &'static str)> {
        if self.silence() > max_age.min(replica_lag) {
            return Err(("watch.sign_of_life_interval", "at most a third of max_age and of replica_lag"));
        }
        Ok(())
    }

    /// Whether every bound is kept; the first that is not by its name, and how it is bound.
    ///
    /// # Errors
    /// When one is broken.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let Self { max_service_watchers, max_operator_watchers, max_other_watchers, sign_of_life_interval } = *self;
        if !(1..=MOST).contains(&max_service_watchers) {
            return Err(("watch.max_service_watchers", "from 1 to 65536"));
        }
        if max_operator_watchers > MOST {
            return Err(("watch.max_operator_watchers", "at most 65536"));
        }
        if max_other_watchers > MOST {
            return Err(("watch.max_other_watchers", "at most 65536"));
        }
        if !(SHORTEST..=LONGEST).contains(&sign_of_life_interval) {
            return Err(("watch.sign_of_life_interval", "from 10 ms to 20 s"));
        }
        Ok(())
    }
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            max_service_watchers: 4096,
            max_operator_watchers: 1024,
            max_other_watchers: 1024,
            sign_of_life_interval: Duration::from_secs(1),
        }
    }
}

/// So many signs of life may get lost.
const SIGNS: u32 = 3;
const MOST: usize = 1 << 16;
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_refused_by_name() {
        let well = WatchSettings::default();
        assert_eq!(well.check(), Ok(()));
        let name = |settings: WatchSettings| settings.check().unwrap_err().0;
        for max_service_watchers in [0, MOST + 1] {
            assert_eq!(name(WatchSettings { max_service_watchers, ..well }), "watch.max_service_watchers");
        }
        let max_operator_watchers = MOST + 1;
        assert_eq!(name(WatchSettings { max_operator_watchers, ..well }), "watch.max_operator_watchers");
        assert_eq!(name(WatchSettings { max_other_watchers: MOST + 1, ..well }), "watch.max_other_watchers");
        assert_eq!(WatchSettings { max_other_watchers: 0, ..well }.check(), Ok(()));
        for sign_of_life_interval in [Duration::ZERO, LONGEST + SHORTEST] {
            assert_eq!(name(WatchSettings { sign_of_life_interval, ..well }), "watch.sign_of_life_interval");
        }
    }

    #[test]
    fn lesson_19_nobody_goes_on_with_a_key_set_for_longer_than_it_may_be_kept_or_a_replica_may_lag() {
        let check = |interval, max_age, replica_lag| {
            let sign_of_life_interval = Duration::from_millis(interval);
            let settings = WatchSettings { sign_of_life_interval, ..WatchSettings::default() };
            settings.check_silence(Duration::from_secs(max_age), Duration::from_secs(replica_lag))
        };
        assert_eq!(check(1000, 15, 10), Ok(()));
        assert_eq!(check(1000, 3, 3), Ok(()));
        for (interval, max_age, replica_lag) in [(1001, 3, 10), (1001, 15, 3), (4000, 15, 10), (20_000, 15, 60)] {
            let refused = check(interval, max_age, replica_lag).unwrap_err();
            assert_eq!(refused, ("watch.sign_of_life_interval", "at most a third of max_age and of replica_lag"));
        }
    }
}
