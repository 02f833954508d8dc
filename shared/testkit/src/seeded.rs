//! Time and chance that are the same in every run.

use mintage_clock::{ManualClock, Randomness, Timestamp};

/// A clock that stands at 2026-01-01T00:00:00Z until it is moved.
#[must_use]
pub fn manual_clock() -> ManualClock {
    ManualClock::at(Timestamp::from_unix_seconds(1_767_225_600))
}

/// The same bytes in every run.
#[must_use]
pub fn randomness() -> Randomness {
    Randomness::seeded(0x6d69_6e74)
}
