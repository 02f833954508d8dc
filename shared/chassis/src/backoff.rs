//! Pauses between attempts, each of another length: replicas that lost a sibling together do not return together.

use std::time::Duration;

use mintage_clock::Randomness;

/// Between half of `pause` and all of it.
pub(crate) fn jittered(pause: Duration, randomness: &Randomness) -> Duration {
    let share = u16::from_le_bytes(randomness.bytes());
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u16::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_stay_between_half_and_the_whole() {
        let (pause, randomness) = (Duration::from_secs(2), Randomness::seeded(7));
        let mut drawn: Vec<_> = (0..1000).map(|_| jittered(pause, &randomness)).collect();
        assert!(drawn.iter().all(|drawn| (pause / 2..=pause).contains(drawn)));
        drawn.sort_unstable();
        drawn.dedup();
        assert!(drawn.len() > 900, "{}", drawn.len());
    }
}
