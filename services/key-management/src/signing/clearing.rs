//! Takes out what nobody needs any more: keys in the token, and what is older than the record is kept. No step of a ring waits
//! for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Keys;
use crate::domain::PortError;

/// How long things are kept, and when this replica looked last.
#[derive(Debug)]
pub(super) struct Clearing {
    retention: Duration,
    /// Milliseconds by the clock that no correction sets back; none before the first look.
    looked_at: AtomicU64,
}

impl Clearing {
    pub(super) const fn new(retention: Duration) -> Self {
        Self { retention, looked_at: AtomicU64::new(NEVER) }
    }

    /// Whether it is time to look again.
    fn is_due(&self, now: Duration) -> bool {
        let now = u64::try_from(now.as_millis()).unwrap_or(NEVER - 1);
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        let due = looked_at == NEVER || now.saturating_sub(looked_at) >= INTERVAL;
        if due {
            self.looked_at.store(now, Ordering::Relaxed);
        }
        due
    }

    /// It goes on at the next tick.
    fn not_done(&self) {
        self.looked_at.store(NEVER, Ordering::Relaxed);
    }
}

impl Keys {
    /// Destroys in the token what no key needs, and takes out what is older than the record is kept, when it is time; unless
    /// the database could not be read.
    pub async fn clear(&self) {
        if !self.follows() {
            return;
        }
        if let Some(sweep) = &self.sweep {
            sweep.when_due(self.follower.glance().revision(), &self.store, self.clock()).await;
        }
        if self.clearing.is_due(self.clock().monotonic()) {
            match self.clear_record().await {
                Ok(true) => {}
                Ok(false) => self.clearing.not_done(),
                // Whoever looks next does it: another replica, or this one.
                Err(error) => tracing::warn!(error = ?error, "the record of keys was not cleared of what is old"),
            }
        }
    }

    /// One statement of each kind: who writes to the same database meanwhile waits for no more than that. Whether nothing old
    /// is left.
    async fn clear_record(&self) -> Result<bool, PortError> {
        let until = self.clock().now() - self.clearing.retention;
        let facts = self.store.clear_facts(until, AT_ONCE).await?;
        let keys = self.store.clear_ended(until, AT_ONCE).await?;
        if facts + keys > 0 {
            tracing::info!(facts, keys, "what is older than record_retention was taken out of the record of keys");
        }
        Ok(facts < AT_ONCE && keys < AT_ONCE)
    }
}

const NEVER: u64 = u64::MAX;
/// In milliseconds.
const INTERVAL: u64 = 3_600_000;
const AT_ONCE: u64 = 500;
