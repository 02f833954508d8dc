//! Reads the log again and again: a local write only wakes it, so that what every replica wrote is told alike.

use std::sync::Arc;
use std::time::Duration;

use mintage_chassis::status::Chain;
use mintage_clock::Clock;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::feed::Pulse;
use super::recent::Recent;
use crate::domain::RegistryError;
use crate::store::RegistryStore;

pub(super) struct Poll {
    pub(super) store: RegistryStore,
    pub(super) recent: Recent,
    pub(super) wake: Arc<Notify>,
    pub(super) interval: Duration,
    pub(super) pulse: watch::Sender<Pulse>,
}

impl Poll {
    pub(super) async fn run(self) {
        let mut failing = false;
        loop {
            match self.look().await {
                Ok(()) => failing = false,
                Err(error) => {
                    // Without a look there is no pulse, and without a pulse no heartbeat: watchers notice.
                    if !failing {
                        tracing::warn!(error = %Chain(&error), "the change log cannot be read");
                    }
                    failing = true;
                }
            }
            let _ = tokio::time::timeout(self.interval, self.wake.notified()).await;
        }
    }

    async fn look(&self) -> Result<(), RegistryError> {
        let (known, asked) = (self.pulse.borrow().head, Instant::now());
        let head = self.store.head().await?;
        if head < known {
            tracing::warn!(known, head, "the change log went back: the database was restored from a backup");
            self.recent.clear();
        }
        let mut reached = known.min(head);
        while reached < head {
            let changes = self.store.changes_after(reached, BATCH).await?;
            reached = changes.last().map_or(head, |last| last.revision);
            self.recent.extend(changes);
        }
        self.pulse.send_replace(Pulse { head: reached, asked });
        Ok(())
    }
}

/// Forgets changes older than `retention`, now and then.
pub(super) async fn trim(store: RegistryStore, retention: Duration, clock: Clock) {
    loop {
        tokio::time::sleep(TRIM_INTERVAL).await;
        match store.trim_changes(clock.now() - retention).await {
            Ok(0) => {}
            Ok(trimmed) => tracing::info!(trimmed, "old changes were forgotten"),
            Err(error) => tracing::warn!(error = %Chain(&error), "old changes could not be forgotten"),
        }
    }
}

const BATCH: u64 = 1000;
const TRIM_INTERVAL: Duration = Duration::from_mins(10);
