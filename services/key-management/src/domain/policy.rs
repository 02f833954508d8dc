//! How long keys are announced, how long they are kept, and why these lengths hold together.

use std::ops::RangeInclusive;
use std::time::Duration;

use mintage_clock::Timestamp;

/// The lengths of a key's life, as settings give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long whoever fetched a key set may keep it. The edge may, and after it a verifier again.
    pub max_age: Duration,
    /// How far the clocks of replicas and verifiers may stand apart.
    pub skew: Duration,
    /// How long a replica may act on what it last read of the database.
    pub replica_lag: Duration,
    /// How long a key stands in the key set before it signs.
    pub announce_window: Duration,
    /// The longest life of a token.
    pub longest_token: Duration,
    /// How long a key stays in the key set after it signed last.
    pub retire_window: Duration,
    /// How many keys of one ring may be served at once.
    pub max_served_keys: usize,
}

/// Lengths under which a verifier always knows the key of an unexpired token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy(Timing);

impl Policy {
    /// Checks that the lengths hold together.
    ///
    /// # Errors
    /// When a length is zero or a window is too short for the others.
    pub fn new(timing: Timing) -> Result<Self, PolicyError> {
        let Timing { max_age, skew, replica_lag, announce_window, longest_token, retire_window, max_served_keys } =
            timing;
        for (name, length) in [("max_age", max_age), ("replica_lag", replica_lag), ("longest_token", longest_token)] {
            if length < Duration::from_secs(1) {
                return Err(PolicyError::TooShort { name, least: Duration::from_secs(1) });
            }
        }
        for (name, length) in [
            ("max_age", max_age),
            ("skew", skew),
            ("replica_lag", replica_lag),
            ("announce_window", announce_window),
            ("longest_token", longest_token),
            ("retire_window", retire_window),
        ] {
            if length > LONGEST {
                return Err(PolicyError::TooLong { name });
            }
        }
        // The edge may hold a set for max_age and hand it to a verifier that holds it for max_age again.
        let announced = max_age + max_age + replica_lag + skew;
        if announce_window < announced {
            return Err(PolicyError::TooShort { name: "announce_window", least: announced });
        }
        // A replica may sign with a retired key for replica_lag more, and that token lives longest_token.
        let retired = longest_token + replica_lag + skew;
        if retire_window < retired {
            return Err(PolicyError::TooShort { name: "retire_window", least: retired });
        }
        // Active, announced, and one that retires.
        if !SERVED_KEYS.contains(&max_served_keys) {
            return Err(PolicyError::ServedKeys);
        }
        Ok(Self(timing))
    }

    /// How long a fetched key set may be kept.
    #[must_use]
    pub const fn max_age(&self) -> Duration {
        self.0.max_age
    }

    /// How long a replica may act on what it last read.
    #[must_use]
    pub const fn replica_lag(&self) -> Duration {
        self.0.replica_lag
    }

    /// How many keys of one ring may be served at once.
    #[must_use]
    pub const fn max_served_keys(&self) -> usize {
        self.0.max_served_keys
    }

    /// When a key announced at `now` may sign at the earliest.
    #[must_use]
    pub fn ready_at(&self, now: Timestamp) -> Timestamp {
        now + self.0.announce_window
    }

    /// When a key that retires at `now` leaves the key set.
    #[must_use]
    pub fn remove_at(&self, now: Timestamp) -> Timestamp {
        now + self.0.retire_window
    }
}

/// Why lengths do not hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A length is too short for the others.
    #[error("{name} must be at least {least:?}")]
    TooShort {
        /// Which.
        name: &'static str,
        /// The shortest that is safe.
        least: Duration,
    },
    /// A length is absurd.
    #[error("{name} must be at most 1000 days")]
    TooLong {
        /// Which.
        name: &'static str,
    },
    /// No room for a rotation, or more keys than verifiers should hold.
    #[error("max_served_keys must be from 3 to 100")]
    ServedKeys,
}

/// Far beyond any use, and far from what times can be added to.
const LONGEST: Duration = Duration::from_hours(24 * 1000);
const SERVED_KEYS: RangeInclusive<usize> = 3..=100;

#[cfg(test)]
mod tests {
    use super::*;

    fn timing() -> Timing {
        let seconds = Duration::from_secs;
        Timing {
            max_age: seconds(15),
            skew: seconds(20),
            replica_lag: seconds(10),
            announce_window: seconds(60),
            longest_token: seconds(3600),
            retire_window: seconds(3630),
            max_served_keys: 3,
        }
    }

    #[test]
    fn windows_that_just_fit_are_taken() {
        assert!(Policy::new(timing()).is_ok());
    }

    #[test]
    fn a_key_set_kept_longer_than_keys_are_announced_is_refused() {
        let short = Timing { announce_window: Duration::from_millis(59_999), ..timing() };
        let least = Duration::from_secs(60);
        assert_eq!(Policy::new(short), Err(PolicyError::TooShort { name: "announce_window", least }));
    }

    #[test]
    fn a_key_removed_before_its_last_token_expires_is_refused() {
        let short = Timing { longest_token: Duration::from_secs(3601), ..timing() };
        let least = Duration::from_secs(3631);
        assert_eq!(Policy::new(short), Err(PolicyError::TooShort { name: "retire_window", least }));
    }

    #[test]
    fn lengths_of_nothing_are_refused() {
        let zero = Timing { max_age: Duration::ZERO, ..timing() };
        assert!(matches!(Policy::new(zero), Err(PolicyError::TooShort { name: "max_age", .. })));
    }

    #[test]
    fn absurd_lengths_are_refused_by_name() {
        let absurd = Duration::MAX;
        for (name, timing) in [
            ("max_age", Timing { max_age: absurd, ..timing() }),
            ("skew", Timing { skew: absurd, ..timing() }),
            ("replica_lag", Timing { replica_lag: absurd, ..timing() }),
            ("announce_window", Timing { announce_window: absurd, ..timing() }),
            ("longest_token", Timing { longest_token: absurd, ..timing() }),
            ("retire_window", Timing { retire_window: absurd, ..timing() }),
        ] {
            assert_eq!(Policy::new(timing), Err(PolicyError::TooLong { name }));
        }
    }

    #[test]
    fn a_ring_has_room_for_a_rotation_and_not_for_a_hoard() {
        for max_served_keys in [0, 2, 101, usize::MAX] {
            assert_eq!(Policy::new(Timing { max_served_keys, ..timing() }), Err(PolicyError::ServedKeys));
        }
    }
}
