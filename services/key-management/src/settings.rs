//! Every knob of key management.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Policy, PolicyError, Timing};

/// How keys live and how signatures are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How long a fetched key set may be kept. At least 1 s, as every length at most 1000 d; default
    /// 15 s.
    pub max_age: Duration,
    /// How far the clocks of replicas and verifiers may stand apart. Default 20 s.
    pub skew: Duration,
    /// How long a replica may go on with what it last read while the database does not answer; then it refuses to sign
    /// and to serve keys. At least 1 s; default 10 s.
    pub replica_lag: Duration,
    /// How long a new key stands in the key set before it signs. At least 2 `max_age` + `replica_lag` + `skew`;
    /// default 60 s.
    pub announce_window: Duration,
    /// The longest life of a token. At least 1 s; default 30 days.
    pub longest_token: Duration,
    /// How long a key stays in the key set after it signed last. At least `longest_token` + `replica_lag` + `skew`;
    /// default 30 days and 60 s.
    pub retire_window: Duration,
    /// How many keys of one ring may be served at once. 3 to 100; default 12.
    pub max_served_keys: usize,
    /// How often a replica looks for what others changed and for steps that are due: the time after which it follows
    /// another replica's rotation. From 10 ms to `replica_lag`; default 500 ms.
    pub refresh_interval: Duration,
    /// How many RSA signatures are made at once. At most 1024; default: one a core.
    pub signing_threads: NonZeroUsize,
    /// How many RSA signatures may wait for a thread before more are refused. 1 to 1048576; default 1024.
    pub max_waiting_signatures: usize,
}

impl Settings {
    /// The lengths of a key's life, checked against each other.
    ///
    /// # Errors
    /// When they do not hold together.
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        Policy::new(Timing {
            max_age: self.max_age,
            skew: self.skew,
            replica_lag: self.replica_lag,
            announce_window: self.announce_window,
            longest_token: self.longest_token,
            retire_window: self.retire_window,
            max_served_keys: self.max_served_keys,
        })
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// When one is broken.
    pub fn check(&self) -> Result<Policy, SettingsError> {
        let policy = self.policy()?;
        if self.refresh_interval < SHORTEST_REFRESH || self.refresh_interval > self.replica_lag {
            return Err(SettingsError::RefreshInterval);
        }
        if self.signing_threads.get() > MOST_THREADS {
            return Err(SettingsError::SigningThreads);
        }
        if !(1..=MOST_WAITING).contains(&self.max_waiting_signatures) {
            return Err(SettingsError::MaxWaitingSignatures);
        }
        Ok(policy)
    }
}

impl Default for Settings {
    fn default() -> Self {
        let thirty_days = Duration::from_secs(30 * 24 * 60 * 60);
        Self {
            max_age: Duration::from_secs(15),
            skew: Duration::from_secs(20),
            replica_lag: Duration::from_secs(10),
            announce_window: Duration::from_secs(60),
            longest_token: thirty_days,
            retire_window: thirty_days + Duration::from_secs(60),
            max_served_keys: 12,
            refresh_interval: Duration::from_millis(500),
            signing_threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            max_waiting_signatures: 1024,
        }
    }
}

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Lengths of a key's life do not hold together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The refresh interval is out of its bounds.
    #[error("refresh_interval must be from 10 ms to replica_lag")]
    RefreshInterval,
    /// More threads than a machine has cores.
    #[error("signing_threads must be at most {MOST_THREADS}")]
    SigningThreads,
    /// Nothing could ever be signed, or more would wait than memory holds.
    #[error("max_waiting_signatures must be from 1 to {MOST_WAITING}")]
    MaxWaitingSignatures,
}

const MOST_THREADS: usize = 1024;
/// A place in the queue is set aside for each when the service starts.
const MOST_WAITING: usize = 1 << 20;

const SHORTEST_REFRESH: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_together() {
        assert!(Settings::default().check().is_ok());
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let slow = Settings { refresh_interval: Duration::from_secs(11), ..Settings::default() };
        assert_eq!(slow.check(), Err(SettingsError::RefreshInterval));
        let busy = Settings { refresh_interval: Duration::from_millis(9), ..Settings::default() };
        assert_eq!(busy.check(), Err(SettingsError::RefreshInterval));
        for max_waiting_signatures in [0, usize::MAX] {
            let deaf = Settings { max_waiting_signatures, ..Settings::default() };
            assert_eq!(deaf.check(), Err(SettingsError::MaxWaitingSignatures));
        }
        let crowded = Settings { signing_threads: NonZeroUsize::MAX, ..Settings::default() };
        assert_eq!(crowded.check(), Err(SettingsError::SigningThreads));
    }
}
