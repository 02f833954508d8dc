//! Whose keys a token failed to make a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mintage_clock::Clock;

use crate::domain::RingName;

/// Rings for which making a key failed, and until when none is made: whatever goes wrong in a device must not be repeated
/// there as often as a step is due.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<RingName, Failure>>);

#[derive(Debug)]
struct Failure {
    count: u32,
    /// By the clock that no correction sets back.
    until: Duration,
}

impl Failures {
    /// Whether a key may be made for the ring now.
    ///
    /// # Errors
    /// When that failed a moment ago.
    pub(super) fn check(&self, ring: &RingName, clock: &Clock) -> Result<(), JustFailed> {
        let until = self.known().get(ring).map(|failure| failure.until);
        if until.is_some_and(|until| clock.monotonic() < until) { Err(JustFailed) } else { Ok(()) }
    }

    /// It failed: each time twice as long a rest, up to a minute.
    pub(super) fn failed(&self, ring: &RingName, clock: &Clock) {
        let now = clock.monotonic();
        let mut known = self.known();
        // Bounded by the rings for which it failed lately.
        known.retain(|_, failure| now < failure.until + LONGEST);
        let failure = known.entry(ring.clone()).or_insert(Failure { count: 0, until: now });
        // Of keys that were made at the same time, one counts.
        if failure.until <= now {
            failure.until = now + SHORTEST.saturating_mul(1 << failure.count.min(MOST_DOUBLINGS)).min(LONGEST);
            failure.count += 1;
        }
    }

    /// It did not.
    pub(super) fn succeeded(&self, ring: &RingName) {
        self.known().remove(ring);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RingName, Failure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key was to be made too soon after that had failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("making a key for the ring failed a moment ago")]
pub(super) struct JustFailed;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
const MOST_DOUBLINGS: u32 = 6;

#[cfg(test)]
mod tests {
    use mintage_jose::Algorithm;
    use mintage_testkit::manual_clock;

    use super::*;

    #[test]
    fn a_ring_for_which_making_fails_rests_longer_each_time_and_no_other_does() {
        let (failures, manual) = (Failures::default(), manual_clock());
        let clock = manual.clock();
        let ring = |tenant: &str| RingName::new(tenant.parse().unwrap(), Algorithm::Es256, None).unwrap();
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            failures.failed(&ring("bad"), &clock);
            failures.failed(&ring("bad"), &clock);
            assert_eq!(failures.check(&ring("good"), &clock), Ok(()));
            manual.advance(Duration::from_secs(seconds) - Duration::from_millis(1));
            assert_eq!(failures.check(&ring("bad"), &clock), Err(JustFailed), "{seconds}");
            manual.advance(Duration::from_millis(1));
            assert_eq!(failures.check(&ring("bad"), &clock), Ok(()), "{seconds}");
        }
        failures.succeeded(&ring("bad"));
        failures.failed(&ring("bad"), &clock);
        manual.advance(SHORTEST);
        assert_eq!(failures.check(&ring("bad"), &clock), Ok(()), "it starts over");
    }
}
