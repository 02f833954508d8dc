//! Destroys in the token what no key needs: keys that have ended, and what was made for a key that was never kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mintage_clock::Clock;
use mintage_pkcs11::{InvalidObjectId, ObjectId, Token, TokenError};
use tokio::sync::Mutex;

use super::{Calls, Silent};
use crate::domain::PortError;
use crate::store::{Doomed, KeyStore};

/// Sweeps one token. It destroys nothing that was not noted here: tokens hold what others made, too.
#[derive(Debug)]
pub(crate) struct Sweep {
    token: Arc<Token>,
    calls: Calls,
    /// The revision that was swept after, and when: milliseconds by the clock that no correction sets back.
    swept: [AtomicU64; 2],
    /// Behind which name it goes on: those that cannot be destroyed do not keep it from the others.
    left_at: Mutex<String>,
}

impl Sweep {
    pub(crate) fn new(token: Arc<Token>) -> Self {
        Self {
            token,
            calls: Calls::new(1),
            swept: [AtomicU64::new(u64::MAX), AtomicU64::new(0)],
            left_at: Mutex::default(),
        }
    }

    /// Sweeps when rings have changed since, or it is time.
    pub(crate) async fn when_due(&self, revision: u64, store: &KeyStore, clock: &Clock) {
        let [swept_after, swept_at] = &self.swept;
        let now = u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX);
        let changed = swept_after.swap(revision, Ordering::Relaxed) != revision;
        let waited = now.saturating_sub(swept_at.load(Ordering::Relaxed)) >= INTERVAL;
        if !changed && !waited {
            return;
        }
        swept_at.store(now, Ordering::Relaxed);
        match self.sweep(store, clock).await {
            Ok(0) => {}
            Ok(destroyed) => tracing::info!(destroyed, token = self.token.label(), "keys were destroyed in the token"),
            // Whoever comes next does it: another replica, or this one.
            Err(error) => {
                tracing::warn!(error = ?error, token = self.token.label(), "keys in the token are not destroyed yet");
            }
        }
    }

    /// How many key pairs it destroyed. Of two that sweep at once, each may do it: to destroy what is gone is nothing.
    async fn sweep(&self, store: &KeyStore, clock: &Clock) -> Result<usize, PortError> {
        let after = self.left_at.lock().await.clone();
        let doomed = store.doomed_objects(self.token.label(), clock.now() - STALE, &after, AT_ONCE).await?;
        // Behind the last of them it begins anew, with those that stayed.
        *self.left_at.lock().await = match doomed.get(LAST) {
            Some(last) => last.name.clone(),
            None => String::new(),
        };
        let mut destroyed = 0;
        for object in doomed {
            match self.destroy(&object).await {
                Ok(()) => {
                    store.forget_object(&object).await?;
                    destroyed += 1;
                }
                Err(away) if away.of_all() => return Err(PortError::Unavailable(Box::new(away))),
                Err(error) => {
                    let Doomed { object_id, .. } = object;
                    tracing::warn!(object_id, %error, token = self.token.label(), "a key in the token cannot be destroyed");
                }
            }
        }
        Ok(destroyed)
    }

    async fn destroy(&self, object: &Doomed) -> Result<(), NotDestroyed> {
        let id: ObjectId = object.object_id.parse()?;
        let token = Arc::clone(&self.token);
        self.calls.call(PATIENCE, move || token.destroy(&id)).await??;
        Ok(())
    }
}

/// Why something in the token was not destroyed.
#[derive(Debug, thiserror::Error)]
enum NotDestroyed {
    #[error(transparent)]
    Id(#[from] InvalidObjectId),
    #[error(transparent)]
    Silent(#[from] Silent),
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl NotDestroyed {
    /// Whether the next one would fare no better.
    const fn of_all(&self) -> bool {
        match self {
            Self::Id(_) | Self::Token(TokenError::Failed(_)) => false,
            Self::Silent(_) | Self::Token(_) => true,
        }
    }
}

/// How long a key that was noted may take to be made and kept: far longer than either may last.
pub(crate) const STALE: Duration = Duration::from_mins(10);
/// In milliseconds.
const INTERVAL: u64 = 60_000;
const AT_ONCE: u64 = 100;
const LAST: usize = 99;
/// Steps of rings wait for it.
const PATIENCE: Duration = Duration::from_secs(5);
