//! By which moment something that is presented is judged.
//!
//! Whoever presents it has it looked at, has tokens signed and only then takes it. What was in time when it was looked at is in
//! time, however long the signing took. Whether it was used meanwhile is another matter: that is judged as it is.

use std::time::Duration;

use mintage_clock::Timestamp;

/// The moment of the look, if somebody looked and it was not long ago; `now` otherwise.
pub(crate) fn judged_at(looked_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
    looked_at.filter(|at| *at <= now && now < *at + LONGEST).unwrap_or(now)
}

/// Longer nobody waits for a token. What ended is kept for as long.
pub(crate) const LONGEST: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKED: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    #[test]
    fn a_look_counts_for_a_minute_and_one_that_is_still_to_come_for_nothing() {
        for (after, counts) in [(Duration::ZERO, true), (LONGEST - Duration::from_millis(1), true), (LONGEST, false)] {
            let now = LOOKED + after;
            assert_eq!(judged_at(Some(LOOKED), now) == LOOKED, counts, "{after:?}");
            assert_eq!(judged_at(None, now), now);
        }
        let before = LOOKED - Duration::from_millis(1);
        assert_eq!(judged_at(Some(LOOKED), before), before);
    }
}
