//! When failures are answered: on a beat, so that the work behind them cannot be timed.

use std::time::Duration;

use mintage_clock::Randomness;

/// The length of a beat. What takes less than that takes, from outside, as long as anything else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat(pub Duration);

impl Beat {
    /// When to answer what arrived at one reading of a clock and was worked on until another: at the next multiple of the beat
    /// after the arrival, and a random part of one later. The multiple hides the work; the random part hides how late a timer
    /// fires, which depends on what went on before.
    #[must_use]
    pub fn moment(self, arrived: Duration, worked_until: Duration, randomness: &Randomness) -> Duration {
        let passed = worked_until.saturating_sub(arrived).as_nanos();
        let beats = u32::try_from(passed / self.0.as_nanos().max(1) + 1).unwrap_or(u32::MAX);
        let line = arrived.saturating_add(self.0.saturating_mul(beats));
        let part = f64::from(u32::from_le_bytes(randomness.bytes())) / f64::from(u32::MAX);
        line.saturating_add(self.0.mul_f64(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b18_whatever_took_less_than_a_beat_is_answered_in_the_same_one() {
        let (beat, randomness) = (Beat(Duration::from_millis(10)), Randomness::seeded(1));
        let arrived = Duration::from_millis(12_345);
        for (worked, line) in [(0, 10), (1, 10), (9, 10), (10, 20), (11, 20), (10_000, 10_010)] {
            let line = arrived + Duration::from_millis(line);
            for _ in 0..100 {
                let moment = beat.moment(arrived, arrived + Duration::from_millis(worked), &randomness);
                assert!((line..=line + beat.0).contains(&moment), "{worked}: {moment:?}");
            }
        }
    }

    #[test]
    fn no_reading_of_a_clock_overflows() {
        let randomness = Randomness::seeded(1);
        assert_eq!(Beat(Duration::MAX).moment(Duration::MAX, Duration::ZERO, &randomness), Duration::MAX);
        let hasty = Beat(Duration::ZERO).moment(Duration::from_secs(1), Duration::from_secs(9), &randomness);
        assert_eq!(hasty, Duration::from_secs(1));
    }
}
