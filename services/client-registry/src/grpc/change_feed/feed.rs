//! The change feed of this replica: what the log says, told to whoever watches.

use std::sync::Arc;

use mintage_chassis::Tasks;
use mintage_chassis::telemetry::names::{REGISTRY_REVISION, REGISTRY_WATCHERS, UNSETTLED_WRITES};
use mintage_clock::Clock;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::poll::Poll;
use super::recent::Recent;
use super::watchers::Watchers;
use crate::domain::RegistryError;
use crate::domain::change::Change;
use crate::settings::FeedBounds;
use crate::store::RegistryStore;

/// Clones are one feed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(super) bounds: FeedBounds,
    pub(super) watchers: Watchers,
    store: RegistryStore,
    recent: Recent,
    wake: Arc<Notify>,
    pulse: watch::Receiver<Pulse>,
}

/// One look at the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pulse {
    /// The revision of the last change.
    pub(super) head: u64,
    /// When the database was asked, as it may take long to answer: every look is news, even when nothing was written.
    pub(super) asked: Instant,
}

impl Pulse {
    /// Whether it tells a watcher who listens `since` then of the present, and not of a while before `now`.
    pub(super) fn is_news(&self, since: Instant, now: Instant, bounds: &FeedBounds) -> bool {
        self.asked >= since && now.saturating_duration_since(self.asked) < bounds.heartbeat_interval
    }
}

impl Feed {
    /// Starts to poll the log, of which `head` is known, and to forget its past.
    pub(crate) fn start(store: RegistryStore, bounds: FeedBounds, head: u64, clock: Clock, tasks: &Tasks) -> Self {
        let (sender, pulse) = watch::channel(Pulse { head, asked: Instant::now() });
        let (recent, wake) = (Recent::default(), Arc::<Notify>::default());
        let poll = Poll {
            store: store.clone(),
            recent: recent.clone(),
            wake: Arc::clone(&wake),
            interval: bounds.poll_interval,
            pulse: sender,
        };
        tasks.spawn("change feed poll", poll.run());
        tasks.spawn("change feed trim", super::poll::trim(store.clone(), bounds.log_retention, clock));
        let feed = Self { bounds, watchers: Watchers::new(bounds.max_watchers), store, recent, wake, pulse };
        feed.show();
        feed
    }

    /// Shows in metrics where it is and who follows it.
    fn show(&self) {
        let (pulse, watchers) = (self.pulse.clone(), self.watchers.clone());
        REGISTRY_REVISION.observe(move |see| see([], pulse.borrow().head as f64));
        REGISTRY_WATCHERS.observe(move |see| see([], watchers.count() as f64));
    }

    /// Returns when every connected watcher has applied everything up to `revision`, or after the bound.
    pub(crate) async fn settle(&self, revision: u64) {
        self.wake.notify_one();
        let everyone = self.watchers.all_at(revision);
        if tokio::time::timeout(self.bounds.acknowledge_timeout, everyone).await.is_err() {
            UNSETTLED_WRITES.add(1, []);
            tracing::warn!(revision, "a watcher of the change feed has not applied a write in time");
        }
    }

    /// Every look at the log from now on; the next comes at once.
    pub(super) fn pulses(&self) -> watch::Receiver<Pulse> {
        let mut pulses = self.pulse.clone();
        pulses.mark_unchanged();
        self.wake.notify_one();
        pulses
    }

    /// Some of the changes after `revision`, in order; empty when the log does not reach back to it.
    pub(super) async fn changes_after(&self, revision: u64) -> Result<Vec<Change>, RegistryError> {
        let changes = match self.recent.after(revision, BATCH) {
            Some(changes) => changes,
            None => self.store.changes_after(revision, BATCH as u64).await?,
        };
        let gapless = changes.iter().zip(revision + 1..).all(|(change, expected)| change.revision == expected);
        Ok(if gapless { changes } else { Vec::new() })
    }
}

const BATCH: usize = 256;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_look_that_took_long_or_began_before_the_watcher_is_no_heartbeat() {
        let bounds = FeedBounds { heartbeat_interval: Duration::from_secs(1), ..FeedBounds::default() };
        let asked = Instant::now();
        let is_news = |since, took| Pulse { head: 7, asked }.is_news(since, asked + took, &bounds);
        let (short, long) = (Duration::from_millis(999), Duration::from_secs(1));
        assert!(is_news(asked, short) && is_news(asked - short, short));
        assert!(!is_news(asked + Duration::from_micros(1), short), "it began before");
        assert!(!is_news(asked, long), "the database took a second for it");
    }
}
