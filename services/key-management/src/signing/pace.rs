//! How the readings of the database go: whether a request may wait for one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How the last reading ended, and since when one is under way. Readings follow each other one by one.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failed: bool,
    since: Option<Instant>,
}

impl Pace {
    /// How long a request may wait for a reading that begins now or later; `None`: not at all, since the last one failed or
    /// the one under way is stuck.
    pub(super) fn patience(&self) -> Option<Duration> {
        let state = self.state();
        if state.failed {
            return None;
        }
        match state.since {
            None => Some(PATIENCE),
            // The one under way, and the one after it.
            Some(since) => PATIENCE.checked_sub(since.elapsed()).map(|left| left + PATIENCE),
        }
    }

    /// A reading begins; it is under way until what is returned goes.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        self.state().since = Some(Instant::now());
        UnderWay(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reading that is under way. Whoever gave up on it leaves open how it would have ended.
#[must_use = "it is under way for as long as this lives"]
pub(super) struct UnderWay<'p>(&'p Pace);

impl UnderWay<'_> {
    /// It came to its end.
    pub(super) fn end(self, succeeded: bool) {
        self.0.state().failed = !succeeded;
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().since = None;
    }
}

/// A hundred times what a reading takes as a rule, and a tenth of what a request has.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_no_reading_that_is_stuck_and_for_none_after_one_that_failed() {
        let pace = Pace::default();
        assert_eq!(pace.patience(), Some(PATIENCE));
        let reading = pace.begin();
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(pace.patience(), Some(PATIENCE * 3 / 2));
        tokio::time::advance(PATIENCE / 2 + Duration::from_millis(1)).await;
        assert_eq!(pace.patience(), None, "it is stuck");
        reading.end(false);
        assert_eq!(pace.patience(), None, "it failed");
        drop(pace.begin());
        assert_eq!(pace.patience(), None, "who gave up knows nothing better");
        pace.begin().end(true);
        assert_eq!(pace.patience(), Some(PATIENCE));
    }
}
