//! How the keys of a ring follow each other, and why its lengths hold together.

use std::fmt;
use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::TokenLifetime;

use super::policy::{Bounds, PolicyError, at_least, at_most, shown};

/// How the keys of a ring follow each other by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs.
    pub period: Duration,
    /// Up to how much earlier its successor may sign, so that rings do not move all at once.
    pub jitter: Duration,
    /// How long a key stands in the key set before it signs.
    pub announce_window: Duration,
    /// How long a key stays in the key set after it signed last, at least: a token of it may live longer.
    pub retire_window: Duration,
    /// How long past its period a key may sign while it cannot be relieved.
    pub overdue: Duration,
}

/// Its lengths by the names of the settings.
impl fmt::Display for RotationPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [period, jitter, announced, retire, overdue] =
            [self.period, self.jitter, self.announce_window, self.retire_window, self.overdue].map(shown);
        write!(f, "rotation_period {period}, rotation_jitter {jitter}, announce_window {announced}, ")?;
        write!(f, "retire_window {retire}, rotation_overdue {overdue}")
    }
}

impl RotationPolicy {
    /// Checks the lengths against each other and against what verifiers do, for keys whose tokens live for up to
    /// `longest_token`; `None` where no token is known yet.
    ///
    /// # Errors
    /// When a verifier could miss a key, a token outlive its key, or more keys be served at once than may.
    pub fn check(&self, bounds: &Bounds, longest_token: Option<TokenLifetime>) -> Result<(), PolicyError> {
        let Self { period, jitter, announce_window, retire_window, overdue } = *self;
        for (name, length) in [
            ("rotation_period", period),
            ("rotation_jitter", jitter),
            ("announce_window", announce_window),
            ("retire_window", retire_window),
            ("rotation_overdue", overdue),
        ] {
            at_most(name, length, LONGEST)?;
        }
        at_least("rotation_period", period, bounds.shortest_period)?;
        at_least("rotation_overdue", overdue, bounds.shortest_overdue(announce_window))?;
        at_most("rotation_jitter", jitter, period / 2)?;
        at_least("announce_window", announce_window, bounds.shortest_announcement())?;
        let needed = longest_token.map(|longest| bounds.shortest_retirement(longest));
        if let Some(needed) = needed
            && !retire_window.is_zero()
        {
            at_least("retire_window", retire_window, needed)?;
        }
        if self.keys_ahead() > MOST_AHEAD {
            return Err(PolicyError::TooManyAhead);
        }
        let served = self.served(retire_window.max(needed.unwrap_or_default()));
        let limit = bounds.max_served_keys;
        if served > limit { Err(PolicyError::TooManyServed { served, limit }) } else { Ok(()) }
    }

    /// How many keys are announced at any time: each is announced for long enough when its turn comes.
    #[must_use]
    pub fn keys_ahead(&self) -> usize {
        self.turns(self.announce_window).max(1)
    }

    /// When the successor of the key `kid` shall sign, which signs since `since`. Every replica comes to the same instant.
    #[must_use]
    pub fn turn_at(&self, kid: &Kid, since: Timestamp) -> Timestamp {
        since + (self.period - part_of(self.jitter, kid))
    }

    /// Lengthens the period so far that no more keys are served at once than may, now that tokens live for up to
    /// `longest_token`.
    pub(super) fn stretch(&mut self, bounds: &Bounds, longest_token: Option<TokenLifetime>) {
        let needed = longest_token.map(|longest| bounds.shortest_retirement(longest)).unwrap_or_default();
        let retirement = self.retire_window.max(needed);
        if self.served(retirement) > bounds.max_served_keys {
            // One signs, and of the two lengths each is rounded up to a turn.
            let turns = u32::try_from(bounds.max_served_keys.saturating_sub(3).max(1)).unwrap_or(u32::MAX);
            self.period = (self.announce_window + retirement) / turns + self.jitter;
        }
    }

    /// How many keys are served at once, that are kept for `retirement` after they signed last.
    fn served(&self, retirement: Duration) -> usize {
        1 + self.keys_ahead() + self.turns(retirement)
    }

    /// In how many of the shortest turns of a key a length passes.
    fn turns(&self, length: Duration) -> usize {
        let turn = (self.period - self.jitter).as_millis().max(1);
        usize::try_from(length.as_millis().div_ceil(turn)).unwrap_or(usize::MAX)
    }
}

/// A part of `length` that looks drawn, and is the same for the same key.
fn part_of(length: Duration, kid: &Kid) -> Duration {
    // FNV-1a: it decides nothing but when.
    let mixed = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = kid.as_str().bytes().fold(0x811c_9dc5, mixed);
    let millis = length.as_millis() * u128::from(hash) / u128::from(u32::MAX);
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Far beyond any use, and far from what times can be added to.
pub(super) const LONGEST: Duration = Duration::from_hours(24 * 1000);
/// Verifiers hold every announced key.
const MOST_AHEAD: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

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

    fn policy() -> RotationPolicy {
        let seconds = Duration::from_secs;
        RotationPolicy {
            period: seconds(3600),
            jitter: seconds(600),
            announce_window: seconds(65),
            retire_window: Duration::ZERO,
            overdue: seconds(75),
        }
    }

    fn hour() -> Option<TokenLifetime> {
        TokenLifetime::from_seconds(3600).ok()
    }

    #[test]
    fn lesson_19_a_key_announced_for_less_than_verifiers_keep_a_key_set_is_refused() {
        assert_eq!(policy().check(&bounds(), hour()), Ok(()));
        let short = RotationPolicy { announce_window: Duration::from_millis(64_999), ..policy() };
        let refused = PolicyError::TooShort { name: "announce_window", least: Duration::from_secs(65) };
        assert_eq!(short.check(&bounds(), hour()), Err(refused));
    }

    #[test]
    fn lesson_19_a_key_announced_for_less_than_a_verifier_may_not_ask_for_it_is_refused() {
        let announced = |seconds| RotationPolicy {
            announce_window: Duration::from_secs(seconds),
            overdue: Duration::from_secs(100),
            ..policy()
        };
        // As PyJWT does, which keeps a set for five minutes and fetches it again for an unknown key, but not within 30 s.
        let patient = Bounds { verifier_cooldown: Duration::from_secs(30), ..bounds() };
        let refused = PolicyError::TooShort { name: "announce_window", least: Duration::from_secs(80) };
        assert_eq!(announced(79).check(&patient, hour()), Err(refused));
        assert_eq!(announced(80).check(&patient, hour()), Ok(()));
    }

    #[test]
    fn a_key_that_is_removed_before_its_last_token_expires_is_refused() {
        let retire = |seconds| RotationPolicy { retire_window: Duration::from_secs(seconds), ..policy() };
        let refused = PolicyError::TooShort { name: "retire_window", least: Duration::from_secs(3655) };
        assert_eq!(retire(3654).check(&bounds(), hour()), Err(refused));
        assert_eq!(retire(3655).check(&bounds(), hour()), Ok(()));
        assert_eq!(retire(0).check(&bounds(), hour()), Ok(()), "just as long as needed");
    }

    #[test]
    fn keys_that_follow_faster_than_they_can_be_announced_are_announced_side_by_side() {
        let seconds = Duration::from_secs;
        let hasty = RotationPolicy { period: seconds(8), jitter: Duration::ZERO, ..policy() };
        assert_eq!(hasty.keys_ahead(), 9);
        let limit = bounds().max_served_keys;
        let minute = TokenLifetime::from_seconds(60).ok();
        assert_eq!(hasty.check(&bounds(), minute), Err(PolicyError::TooManyServed { served: 25, limit }));
        assert_eq!(hasty.check(&Bounds { max_served_keys: 25, ..bounds() }, minute), Ok(()));
        let absurd = RotationPolicy { period: seconds(1), jitter: Duration::ZERO, ..policy() };
        assert_eq!(absurd.check(&bounds(), None), Err(PolicyError::TooManyAhead));
    }

    #[test]
    fn a_period_grows_with_the_life_of_tokens_so_far_that_no_more_keys_are_served_than_may() {
        for max_served_keys in [3, 4, 12, 100] {
            for lives in [1, 3600, 86_400, 2_592_000] {
                let bounds = Bounds { max_served_keys, ..bounds() };
                let longest = TokenLifetime::from_seconds(lives).ok();
                let mut hasty =
                    RotationPolicy { period: Duration::from_secs(20), jitter: Duration::from_secs(5), ..policy() };
                hasty.stretch(&bounds, longest);
                assert_eq!(hasty.check(&bounds, longest), Ok(()), "{max_served_keys} keys, {lives} s");
            }
        }
        let mut fits = policy();
        fits.stretch(&bounds(), hour());
        assert_eq!(fits, policy());
    }

    #[test]
    fn lengths_out_of_range_are_refused_by_name() {
        let absurd = Duration::MAX;
        for (name, refused) in [
            ("rotation_period", RotationPolicy { period: absurd, ..policy() }),
            ("rotation_jitter", RotationPolicy { jitter: Duration::from_secs(1801), ..policy() }),
            ("announce_window", RotationPolicy { announce_window: absurd, ..policy() }),
            ("retire_window", RotationPolicy { retire_window: absurd, ..policy() }),
            ("rotation_overdue", RotationPolicy { overdue: absurd, ..policy() }),
        ] {
            let refused = refused.check(&bounds(), None);
            assert!(matches!(refused, Err(PolicyError::TooLong { name: found, .. }) if found == name), "{refused:?}");
        }
        for (name, refused) in [
            (
                "rotation_period",
                RotationPolicy { period: Duration::from_millis(999), jitter: Duration::ZERO, ..policy() },
            ),
            ("rotation_overdue", RotationPolicy { overdue: Duration::from_secs(74), ..policy() }),
        ] {
            let refused = refused.check(&bounds(), None);
            assert!(matches!(refused, Err(PolicyError::TooShort { name: found, .. }) if found == name), "{refused:?}");
        }
    }

    #[test]
    fn lesson_21_rings_do_not_all_move_at_the_same_instant_and_replicas_agree_on_each() {
        let start = Timestamp::from_unix_seconds(1_000_000);
        let turns: Vec<_> = (0..100)
            .map(|number| format!("key-{number}").parse::<Kid>().unwrap())
            .map(|kid| {
                assert_eq!(policy().turn_at(&kid, start), policy().turn_at(&kid, start));
                policy().turn_at(&kid, start).since(start)
            })
            .collect();
        let (earliest, latest) = (turns.iter().min().unwrap(), turns.iter().max().unwrap());
        assert!(*earliest >= Duration::from_secs(3000) && *latest <= Duration::from_secs(3600));
        assert!(*latest - *earliest > Duration::from_secs(300), "{earliest:?} to {latest:?}");
    }
}
