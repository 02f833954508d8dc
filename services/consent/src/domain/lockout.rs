//! How long an account is left alone after wrong passwords.
//!
//! Every attempt is counted before its password is looked at, and taken back when that was right: of guesses that come at the
//! same time, on however many replicas, no more are looked at than of those that come one after another.

use std::time::Duration;

use mintage_clock::Timestamp;

/// What is remembered of failed attempts at one account, beside the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lockout {
    /// How many failed since the last that did not.
    pub(crate) failures: u32,
    /// Until then nobody is heard.
    pub(crate) until: Timestamp,
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// Its password is looked at.
    Heard,
    /// It is not, right or wrong.
    Locked,
}

impl Lockout {
    /// That of an account at which nothing failed.
    pub(crate) const NONE: Self = Self { failures: 0, until: Timestamp::EPOCH };

    /// Counts an attempt. One that comes while the account is locked counts too, but does not lock it for longer: whoever
    /// knows the password is heard again when that was promised.
    pub(crate) fn count(self, now: Timestamp) -> (Self, Hearing) {
        let forgotten = now >= self.until + FORGOTTEN_AFTER;
        let failures = if forgotten { 1 } else { self.failures.saturating_add(1).min(MOST_COUNTED) };
        if now < self.until {
            return (Self { failures, until: self.until }, Hearing::Locked);
        }
        (Self { failures, until: now + pause_after(failures) }, Hearing::Heard)
    }
}

/// Nothing for the first few, then twice as long each time.
fn pause_after(failures: u32) -> Duration {
    match failures.checked_sub(FORGIVEN) {
        None => Duration::ZERO,
        Some(more) => SHORTEST_PAUSE.saturating_mul(2_u32.saturating_pow(more)).min(LONGEST_PAUSE),
    }
}

/// The fifth failure locks.
const FORGIVEN: u32 = 5;
const SHORTEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// After so long without one, failures are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_COUNTED: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: u32, at: Timestamp) -> Lockout {
        (0..times).fold(Lockout::NONE, |lockout, _| lockout.count(at.max(lockout.until)).0)
    }

    #[test]
    fn a_few_failures_are_forgiven_and_more_cost_twice_as_much_each() {
        let start = Timestamp::from_unix_seconds(1_000_000);
        let mut lockout = failed(4, start);
        assert_eq!(lockout.count(start).1, Hearing::Heard);
        let mut pauses = Vec::new();
        let mut now = start;
        for _ in 0..8 {
            lockout = lockout.count(now).0;
            assert_eq!(lockout.count(now).1, Hearing::Locked);
            pauses.push(lockout.until.since(now).as_secs());
            now = lockout.until;
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn what_comes_while_it_is_locked_counts_and_does_not_lock_for_longer() {
        let start = Timestamp::from_unix_seconds(1_000_000);
        let locked = failed(5, start);
        let (later, hearing) = locked.count(start + Duration::from_secs(1));
        assert_eq!((hearing, later.failures, later.until), (Hearing::Locked, 6, locked.until));
        let (again, hearing) = later.count(locked.until);
        assert_eq!((hearing, again.until), (Hearing::Heard, locked.until + Duration::from_secs(120)));
    }

    #[test]
    fn old_failures_are_forgotten() {
        let start = Timestamp::from_unix_seconds(1_000_000);
        let locked = failed(20, start);
        let (fresh, hearing) = locked.count(locked.until + FORGOTTEN_AFTER);
        assert_eq!((hearing, fresh.failures), (Hearing::Heard, 1));
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        let lockout = Lockout { failures: u32::MAX, until: now };
        assert_eq!(lockout.count(now).0, Lockout { failures: MOST_COUNTED, until: now + LONGEST_PAUSE });
    }
}
