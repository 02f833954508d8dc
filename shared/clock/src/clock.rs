//! The clock that is passed to whoever needs the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use crate::Timestamp;

/// Tells the time. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => SystemTime::now().into(),
            Self::Manual(manual) => manual.now(),
        }
    }

    /// The time passed since an arbitrary instant; the system's never goes back when civil time is corrected.
    /// For lengths of time: how long ago a sibling was heard, how fast a bucket refills.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => START.get_or_init(Instant::now).elapsed(),
            Self::Manual(manual) => manual.monotonic(),
        }
    }
}

/// The moving half of a [`Clock::Manual`].
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Hands>);

/// Milliseconds since the epoch, and how many of them are due to corrections.
#[derive(Debug)]
struct Hands {
    civil: AtomicI64,
    corrected: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(Hands { civil: AtomicI64::new(start.unix_millis()), corrected: AtomicI64::new(0) }))
    }

    /// The time it stands at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.civil.load(Ordering::SeqCst))
    }

    /// Moves it on.
    pub fn advance(&self, length: Duration) {
        self.set(self.now() + length);
    }

    /// Sets it, backwards too.
    pub fn set(&self, instant: Timestamp) {
        self.0.civil.store(instant.unix_millis(), Ordering::SeqCst);
    }

    /// Sets civil time alone, as a correction does: no time passes.
    pub fn correct(&self, instant: Timestamp) {
        let before = self.0.civil.swap(instant.unix_millis(), Ordering::SeqCst);
        self.0.corrected.fetch_add(instant.unix_millis() - before, Ordering::SeqCst);
    }

    fn monotonic(&self) -> Duration {
        let passed = self.now().unix_millis() - self.0.corrected.load(Ordering::SeqCst);
        Timestamp::from_unix_millis(passed).since(Timestamp::EPOCH)
    }

    /// The clock to hand out.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::Manual(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(100));
        let clock = manual.clock();
        manual.advance(Duration::from_secs(5));
        assert_eq!(clock.now().unix_seconds(), 105);
    }

    #[test]
    fn a_correction_of_civil_time_takes_no_time() {
        let manual = ManualClock::at(Timestamp::from_unix_seconds(100));
        let clock = manual.clock();
        let began = clock.monotonic();
        for corrected in [5, 5000] {
            manual.correct(Timestamp::from_unix_seconds(corrected));
            assert_eq!((clock.now().unix_seconds(), clock.monotonic()), (corrected, began));
        }
        manual.advance(Duration::from_secs(1));
        assert_eq!(clock.monotonic() - began, Duration::from_secs(1));
    }
}
