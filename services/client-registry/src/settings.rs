//! Every knob of the registry.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the registry is told from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the change feed behaves.
    pub feed: FeedBounds,
    /// What becomes of clients that registered themselves.
    pub registrations: RegistrationBounds,
}

/// The bounds of clients that registered themselves (RFC 7591).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationBounds {
    /// After how long a client that no user ever let act is deleted; 1 d to 1000 d, 30 d unless told. 0 s keeps them all.
    pub unused_lifetime: Duration,
}

/// The bounds of the change feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedBounds {
    /// How often the log is read for what other replicas wrote; 10 ms to 10 s, 250 ms unless told. Own writes are seen
    /// at once.
    pub poll_interval: Duration,
    /// After how much silence a watcher gets a heartbeat; from `poll_interval` to 20 s, 1 s unless told. Never without a
    /// fresh look at the log, which a database that takes longer than this to answer does not give.
    pub heartbeat_interval: Duration,
    /// How long a write waits at most for connected watchers to apply it; 10 ms to 1 min, 500 ms unless told.
    pub acknowledge_timeout: Duration,
    /// How many watchers there may be on this replica; 1 to 65536, 256 unless told.
    pub max_watchers: usize,
    /// How long a watcher may leave changes unacknowledged before its stream is ended, so that it does not hold up
    /// every write; from `acknowledge_timeout` to 1 h, 10 s unless told.
    pub watcher_patience: Duration,
    /// How long changes are kept. A watcher that was away longer drops all it has cached; 1 min to 1000 d, 24 h
    /// unless told.
    pub log_retention: Duration,
}

impl Settings {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first setting that is out of its own.
    pub fn check(&self) -> Result<(), SettingsError> {
        let FeedBounds { poll_interval, heartbeat_interval, acknowledge_timeout, .. } = self.feed;
        let FeedBounds { max_watchers, watcher_patience, log_retention, .. } = self.feed;
        let lengths = [
            ("feed.poll_interval", poll_interval, SHORTEST, Duration::from_secs(10)),
            // Followers count on one within half a minute.
            ("feed.heartbeat_interval", heartbeat_interval, poll_interval, Duration::from_secs(20)),
            ("feed.acknowledge_timeout", acknowledge_timeout, SHORTEST, Duration::from_mins(1)),
            ("feed.watcher_patience", watcher_patience, acknowledge_timeout, Duration::from_hours(1)),
            ("feed.log_retention", log_retention, Duration::from_mins(1), Duration::from_hours(24 * 1000)),
        ];
        let unused = self.registrations.unused_lifetime;
        let kept =
            [("registrations.unused_lifetime", unused, DAY, DAY * 1000)].into_iter().filter(|_| !unused.is_zero());
        for (name, length, least, most) in lengths.into_iter().chain(kept) {
            if !(least..=most).contains(&length) {
                return Err(SettingsError::Length { name, least, most });
            }
        }
        if (1..=MOST_WATCHERS).contains(&max_watchers) { Ok(()) } else { Err(SettingsError::MaxWatchers) }
    }
}

/// A setting is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A length of time.
    #[error("{name} must be from {least:?} to {most:?}")]
    Length {
        /// Which.
        name: &'static str,
        /// The shortest it may be.
        least: Duration,
        /// The longest it may be.
        most: Duration,
    },
    /// Nobody could watch, or more than one process serves.
    #[error("feed.max_watchers must be from 1 to {MOST_WATCHERS}")]
    MaxWatchers,
}

/// The log is not read in a busy loop.
const SHORTEST: Duration = Duration::from_millis(10);
const MOST_WATCHERS: usize = 65_536;
const DAY: Duration = Duration::from_hours(24);

impl Default for RegistrationBounds {
    fn default() -> Self {
        Self { unused_lifetime: DAY * 30 }
    }
}

impl Default for FeedBounds {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_millis(250),
            heartbeat_interval: Duration::from_secs(1),
            acknowledge_timeout: Duration::from_millis(500),
            max_watchers: 256,
            watcher_patience: Duration::from_secs(10),
            log_retention: Duration::from_hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(feed: FeedBounds) -> String {
        Settings { feed, ..Settings::default() }.check().expect_err("out of bounds").to_string()
    }

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_by_its_name() {
        let well = FeedBounds::default();
        let (zero, absurd) = (Duration::ZERO, Duration::MAX);
        for length in [zero, absurd] {
            for (name, feed) in [
                ("poll_interval", FeedBounds { poll_interval: length, ..well }),
                ("heartbeat_interval", FeedBounds { heartbeat_interval: length, ..well }),
                ("acknowledge_timeout", FeedBounds { acknowledge_timeout: length, ..well }),
                ("watcher_patience", FeedBounds { watcher_patience: length, ..well }),
                ("log_retention", FeedBounds { log_retention: length, ..well }),
            ] {
                assert!(refused(feed).starts_with(&format!("feed.{name} must be from ")), "{name}");
            }
        }
        for (unused_lifetime, kept) in [(zero, true), (DAY, true), (DAY / 2, false), (absurd, false)] {
            let registrations = RegistrationBounds { unused_lifetime };
            let outcome = Settings { registrations, ..Settings::default() }.check();
            assert_eq!(outcome.is_ok(), kept, "{unused_lifetime:?}");
            let refusal = outcome.err().map(|refused| refused.to_string()).unwrap_or_default();
            assert!(kept || refusal.starts_with("registrations.unused_lifetime must be from 86400s to "), "{refusal}");
        }
        for max_watchers in [0, usize::MAX] {
            assert_eq!(refused(FeedBounds { max_watchers, ..well }), "feed.max_watchers must be from 1 to 65536");
        }
        let rare = FeedBounds { poll_interval: Duration::from_secs(2), ..well };
        assert!(refused(rare).starts_with("feed.heartbeat_interval must be from 2s"), "each heartbeat is a look");
        let impatient = FeedBounds { watcher_patience: well.acknowledge_timeout / 2, ..well };
        assert!(refused(impatient).contains("from 500ms"), "a watcher is not sent away while a write may wait for it");
    }
}
