//! What verifiers and replicas rely on, and the lengths of a key's life that follow from it.

use std::ops::RangeInclusive;
use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::TokenLifetime;

use super::RotationPolicy;
use super::rotation::LONGEST;

/// What the windows of a key's life have to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long whoever fetched a key set may keep it. The edge may, and after it a verifier again.
    pub max_age: Duration,
    /// How long a verifier may go on without fetching the key set again, though it meets a key that it does not know: the
    /// cooldown of its library. Many heed no `max_age` but that.
    pub verifier_cooldown: Duration,
    /// How far the clocks of replicas and verifiers may stand apart, two by two.
    pub skew: Duration,
    /// How long a replica may act on what it last read of the database.
    pub replica_lag: Duration,
    /// How many keys of one ring may be served at once.
    pub max_served_keys: usize,
    /// The shortest time for which a key may sign by a policy.
    pub shortest_period: Duration,
}

impl Bounds {
    /// How long a key is announced at least. The edge may hold a set for `max_age` and hand it to a verifier that holds it
    /// for `max_age` again, or, longer, until it may ask for a key that it does not know; a replica may hand out what it read `replica_lag` ago; and whoever activates the key may have
    /// a clock that is ahead of the one that saw it announced. On its way to the edge and on to the verifier a set takes
    /// time, too. It counts from an instant at which the announcement was known to be kept.
    #[must_use]
    pub fn shortest_announcement(&self) -> Duration {
        self.max_age.max(self.verifier_cooldown) + self.max_age + self.replica_lag + self.skew + ON_THE_WAY
    }

    /// How long a key stays after it signed last, whose tokens live for `longest_token`. A replica may sign with it for
    /// `replica_lag` more. Whoever removes it may have a clock ahead of the one that retired it, and a verifier's may be
    /// behind the one by which the token was made; and what is signed is on its way for a while. It counts from an instant at
    /// which the retirement was known to be kept: however long that took, until then replicas sign with the key.
    #[must_use]
    pub fn shortest_retirement(&self, longest_token: TokenLifetime) -> Duration {
        longest_token.as_duration() + self.replica_lag + self.skew + self.skew + ON_THE_WAY
    }

    /// How long before the end of the active key another has to take over, so that everybody has read of it by then: also a
    /// replica whose clock is ahead of the one that let it.
    #[must_use]
    pub fn takeover(&self) -> Duration {
        self.replica_lag + self.skew + ON_THE_WAY
    }

    /// How long a key may sign past its period at least: it does not end before another can have been announced and
    /// activated.
    #[must_use]
    pub fn shortest_overdue(&self, announce_window: Duration) -> Duration {
        announce_window + self.replica_lag
    }

    fn check(&self) -> Result<(), PolicyError> {
        for (name, length) in [
            ("max_age", self.max_age),
            ("replica_lag", self.replica_lag),
            ("shortest_rotation_period", self.shortest_period),
        ] {
            at_least(name, length, Duration::from_secs(1))?;
        }
        for (name, length) in
            [("max_age", self.max_age), ("verifier_cooldown", self.verifier_cooldown), ("skew", self.skew)]
        {
            at_most(name, length, LONGEST)?;
        }
        at_most("replica_lag", self.replica_lag, LONGEST_LAG)?;
        // Active, announced, and one that retires.
        if SERVED_KEYS.contains(&self.max_served_keys) { Ok(()) } else { Err(PolicyError::ServedKeys) }
    }
}

/// What holds for every ring of the installation: a verifier always knows the key of an unexpired token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    bounds: Bounds,
    rotation: RotationPolicy,
    watchers: WatcherPolicy,
}

/// What becomes of an activation that watchers hold back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatcherPolicy {
    /// How long past its time an activation waits for watchers that have not acknowledged the key.
    pub deadline: Duration,
    /// Whether it waits on after that, until somebody decides.
    pub hold: bool,
}

impl Policy {
    /// Checks that the lengths hold together.
    ///
    /// # Errors
    /// When a length is out of its range or a window is too short for what it covers.
    pub fn new(bounds: Bounds, rotation: RotationPolicy, watchers: WatcherPolicy) -> Result<Self, PolicyError> {
        bounds.check()?;
        rotation.check(&bounds, None)?;
        at_most("watcher_deadline", watchers.deadline, LONGEST)?;
        Ok(Self { bounds, rotation, watchers })
    }

    /// What the windows have to cover.
    #[must_use]
    pub const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// How keys of rings follow each other that have no policy of their own.
    #[must_use]
    pub const fn rotation(&self) -> &RotationPolicy {
        &self.rotation
    }

    /// What becomes of an activation that watchers hold back.
    #[must_use]
    pub const fn watchers(&self) -> WatcherPolicy {
        self.watchers
    }

    /// The terms of a ring that has the policy `own` and keys whose tokens live for up to `longest_token`. Should the
    /// installation's bounds or those lives have grown since the policy was set, its lengths grow with them.
    #[must_use]
    pub fn terms(&self, own: Option<&RotationPolicy>, longest_token: Option<TokenLifetime>) -> Terms {
        let mut rotation = own.copied().unwrap_or(self.rotation);
        rotation.announce_window = rotation.announce_window.max(self.bounds.shortest_announcement());
        rotation.overdue = rotation.overdue.max(self.bounds.shortest_overdue(rotation.announce_window));
        rotation.stretch(&self.bounds, longest_token);
        Terms { bounds: self.bounds, rotation }
    }
}

/// The lengths of the lives of one ring's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What the windows have to cover.
    pub bounds: Bounds,
    /// How keys follow each other.
    pub rotation: RotationPolicy,
}

impl Terms {
    /// When a key announced at `now` may sign at the earliest.
    #[must_use]
    pub fn ready_at(&self, now: Timestamp) -> Timestamp {
        now + self.rotation.announce_window
    }

    /// When a key that is activated at `now` stops signing, relieved or not.
    #[must_use]
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        now + self.rotation.period + self.rotation.overdue
    }

    /// When a key leaves the key set that retired at `since` and signed tokens that live for `longest_token`.
    #[must_use]
    pub fn remove_at(&self, since: Timestamp, longest_token: TokenLifetime) -> Timestamp {
        since + self.rotation.retire_window.max(self.bounds.shortest_retirement(longest_token))
    }
}

/// Why lengths do not hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A length is too short for the others.
    #[error("{name} must be at least {}", shown(*least))]
    TooShort {
        /// Which.
        name: &'static str,
        /// The shortest that is safe.
        least: Duration,
    },
    /// A length is absurd.
    #[error("{name} must be at most {}", shown(*most))]
    TooLong {
        /// Which.
        name: &'static str,
        /// The longest that is taken.
        most: Duration,
    },
    /// No room for a rotation, or more keys than verifiers should hold.
    #[error("max_served_keys must be from 3 to 100")]
    ServedKeys,
    /// More keys would have to be announced side by side than verifiers should hold.
    #[error("announce_window must be at most 32 times as long as rotation_period less rotation_jitter")]
    TooManyAhead,
    /// Keys would follow faster than they may be served.
    #[error(
        "{served} keys would be served at once, and max_served_keys is {limit}; a longer rotation_period takes fewer"
    )]
    TooManyServed {
        /// How many.
        served: usize,
        /// The limit.
        limit: usize,
    },
}

/// A length in the largest unit that it is a whole number of, as it can be told again; where nobody could read that, in
/// several, with the seconds to tell behind.
pub(super) fn shown(length: Duration) -> String {
    if length.is_zero() {
        return "0s".to_owned();
    }
    let units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
    let seconds = length.as_secs();
    if length.subsec_nanos() > 0 {
        return format!("{length:?}");
    }
    match units.into_iter().find(|(_, unit)| seconds.is_multiple_of(*unit)) {
        Some((name, unit)) if seconds / unit < READABLE || name == "d" => format!("{}{name}", seconds / unit),
        _ => {
            let mut rest = seconds;
            let each = units.map(|(name, unit)| {
                let count = rest / unit;
                rest %= unit;
                (count, name)
            });
            let told: Vec<_> =
                each.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count}{name}")).collect();
            format!("{} ({seconds}s)", told.join(" "))
        }
    }
}

/// A larger number of one unit says nothing to people.
const READABLE: u64 = 1000;

pub(super) fn at_least(name: &'static str, length: Duration, least: Duration) -> Result<(), PolicyError> {
    if length < least { Err(PolicyError::TooShort { name, least }) } else { Ok(()) }
}

pub(super) fn at_most(name: &'static str, length: Duration, most: Duration) -> Result<(), PolicyError> {
    if length > most { Err(PolicyError::TooLong { name, most }) } else { Ok(()) }
}

/// How long an answer, or a change of a ring, is on its way at most.
const ON_THE_WAY: Duration = Duration::from_secs(5);

/// For so long, and a little longer, whoever watches key sets believes no older one than it has heard of.
const LONGEST_LAG: Duration = Duration::from_hours(1);

const SERVED_KEYS: RangeInclusive<usize> = 3..=100;

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(bounds: Bounds) -> Result<Policy, PolicyError> {
        let seconds = Duration::from_secs;
        let rotation = RotationPolicy {
            period: seconds(3600),
            jitter: Duration::ZERO,
            announce_window: seconds(65),
            retire_window: Duration::ZERO,
            overdue: seconds(600),
        };
        Policy::new(bounds, rotation, WatcherPolicy { deadline: seconds(1), hold: false })
    }

    fn bounds() -> Bounds {
        let seconds = Duration::from_secs;
        Bounds {
            max_age: seconds(15),
            verifier_cooldown: Duration::ZERO,
            skew: seconds(20),
            replica_lag: seconds(10),
            max_served_keys: 12,
            shortest_period: seconds(1),
        }
    }

    #[test]
    fn bounds_out_of_range_are_refused_by_name() {
        let (zero, absurd) = (Duration::ZERO, Duration::MAX);
        for (name, refused) in [
            ("max_age", Bounds { max_age: zero, ..bounds() }),
            ("replica_lag", Bounds { replica_lag: zero, ..bounds() }),
            ("max_age", Bounds { max_age: absurd, ..bounds() }),
            ("verifier_cooldown", Bounds { verifier_cooldown: absurd, ..bounds() }),
            ("skew", Bounds { skew: absurd, ..bounds() }),
            ("replica_lag", Bounds { replica_lag: absurd, ..bounds() }),
            ("replica_lag", Bounds { replica_lag: LONGEST_LAG + Duration::from_millis(1), ..bounds() }),
        ] {
            let refused = policy(refused).unwrap_err().to_string();
            assert!(refused.starts_with(name), "{refused}");
        }
    }

    #[test]
    fn lesson_19_the_further_replicas_may_lag_the_longer_a_key_is_announced_and_stays() {
        let hour = TokenLifetime::from_seconds(3600).unwrap();
        for lag in [1, 10, 25, 26, 60, 300].map(Duration::from_secs) {
            let lagging = Bounds { replica_lag: lag, ..bounds() };
            let (announced, kept) = (lagging.shortest_announcement(), lagging.shortest_retirement(hour));
            assert_eq!(announced - lag, bounds().shortest_announcement() - bounds().replica_lag);
            assert_eq!(kept - lag, bounds().shortest_retirement(hour) - bounds().replica_lag);
            // A window that was safe with replicas that lag less is refused, or grows where it was set before.
            let refused = policy(lagging).err();
            let short = PolicyError::TooShort { name: "announce_window", least: announced };
            assert_eq!(refused, (lag > bounds().replica_lag).then_some(short), "{lag:?}");
            let own =
                RotationPolicy { announce_window: Duration::from_secs(65), ..*policy(bounds()).unwrap().rotation() };
            let wide = RotationPolicy { announce_window: announced, overdue: announced + lag, ..own };
            let policy = Policy::new(lagging, wide, WatcherPolicy { deadline: lag, hold: false }).unwrap();
            assert_eq!(policy.terms(Some(&own), None).rotation.announce_window, announced.max(own.announce_window));
        }
    }

    #[test]
    fn a_refusal_says_lengths_as_one_would_tell_them() {
        for (seconds, text) in [
            (80, "80s"),
            (2_592_000, "30d"),
            (7200, "2h"),
            (90 * 60, "90m"),
            (3655, "1h 55s (3655s)"),
            (3_240_010, "37d 12h 10s (3240010s)"),
        ] {
            assert_eq!(shown(Duration::from_secs(seconds)), text);
        }
        assert_eq!([Duration::ZERO, Duration::from_millis(1500)].map(shown), ["0s", "1.5s"]);
    }

    #[test]
    fn a_ring_has_room_for_a_rotation_and_not_for_a_hoard() {
        for max_served_keys in [0, 2, 101, usize::MAX] {
            assert_eq!(policy(Bounds { max_served_keys, ..bounds() }), Err(PolicyError::ServedKeys));
        }
    }

    #[test]
    fn a_rings_own_windows_grow_with_what_verifiers_do() {
        let own = RotationPolicy { announce_window: Duration::from_secs(65), ..*policy(bounds()).unwrap().rotation() };
        let slower = Bounds { max_age: Duration::from_secs(14), skew: Duration::from_secs(22), ..bounds() };
        let terms = policy(slower).unwrap().terms(Some(&own), None);
        assert_eq!(terms.rotation.announce_window, Duration::from_secs(65));
        let policy = policy(bounds()).unwrap();
        let short = RotationPolicy { announce_window: Duration::from_secs(5), ..own };
        assert_eq!(policy.terms(Some(&short), None).rotation.announce_window, Duration::from_secs(65));
        assert_eq!(policy.terms(None, None).rotation, *policy.rotation());
    }

    #[test]
    fn a_key_stays_as_long_as_its_longest_token_asks_for() {
        let start = Timestamp::from_unix_seconds(1_000_000);
        let terms = policy(bounds()).unwrap().terms(None, None);
        let hour = TokenLifetime::from_seconds(3600).unwrap();
        assert_eq!(terms.remove_at(start, hour), start + Duration::from_secs(3655));
    }
}
