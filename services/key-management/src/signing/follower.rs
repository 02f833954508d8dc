//! Keeps the copy in memory true: what any replica kept is read on, and a copy too old is not used.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mintage_clock::Clock;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout};

use super::Directory;
use super::pace::Pace;
use crate::custody::Custody;
use crate::domain::{Policy, PortError};
use crate::store::KeyStore;

/// Follows the changes that replicas keep.
#[derive(Debug)]
pub(super) struct Follower {
    store: KeyStore,
    custody: Custody,
    policy: Policy,
    clock: Clock,
    directory: ArcSwap<Directory>,
    /// When the reading that gave `directory` began, by the clock that no correction sets back: milliseconds.
    read_at: AtomicU64,
    /// How many readings have begun.
    begun: AtomicU64,
    turn: Mutex<Turn>,
    /// How the readings go, for those who cannot wait for one.
    pace: Pace,
    /// Told of each change once it is in `directory`.
    readings: watch::Sender<Reading>,
}

/// A reading that found something new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// When it was in effect.
    pub(crate) at: Instant,
}

impl Reading {
    fn now() -> Self {
        Self { at: Instant::now() }
    }
}

/// The last reading that came to its end.
#[derive(Debug)]
struct Turn {
    number: u64,
    succeeded: bool,
}

impl Follower {
    /// Reads everything once.
    pub(super) async fn start(
        store: KeyStore,
        custody: Custody,
        policy: Policy,
        clock: Clock,
    ) -> Result<Self, PortError> {
        let read_at = clock.monotonic();
        let revision = store.revision().await?;
        let directory = Directory::default().with(store.everything().await?, revision, &policy);
        Ok(Self {
            store,
            custody,
            policy,
            clock,
            directory: ArcSwap::from_pointee(directory),
            read_at: AtomicU64::new(millis(read_at)),
            begun: AtomicU64::new(0),
            turn: Mutex::new(Turn { number: 0, succeeded: true }),
            pace: Pace::default(),
            readings: watch::Sender::new(Reading::now()),
        })
    }

    /// The copy, if it is no older than a replica may lag; read on first otherwise, as [`Self::soon`] does.
    pub(super) async fn current(&self) -> Result<Arc<Directory>, PortError> {
        if self.age() <= self.policy.bounds().replica_lag {
            return Ok(self.directory.load_full());
        }
        self.soon().await
    }

    /// What [`Self::catch_up`] brings, for a request: refused at once when the last reading failed or the one under way is
    /// stuck. However many ask of a database that is away, none of them waits for it; whoever follows the changes tries on.
    pub(super) async fn soon(&self) -> Result<Arc<Directory>, PortError> {
        let patience = self.pace.patience().ok_or_else(unavailable)?;
        timeout(patience, self.catch_up()).await.unwrap_or_else(|_| Err(unavailable()))
    }

    /// The copy as it is.
    pub(super) fn glance(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// Hears of each reading that finds something new, once it is in effect.
    pub(super) fn readings(&self) -> watch::Receiver<Reading> {
        self.readings.subscribe()
    }

    /// How long ago the reading began that gave it.
    pub(super) fn age(&self) -> Duration {
        let read_at = Duration::from_millis(self.read_at.load(Ordering::Acquire));
        self.clock.monotonic().saturating_sub(read_at)
    }

    /// The copy as of a reading that begins now or later. Whoever waits for the same reading shares it, and its failure:
    /// however many ask for what is not there, the database sees one statement at a time.
    pub(super) async fn catch_up(&self) -> Result<Arc<Directory>, PortError> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut last = self.turn.lock().await;
        if last.number > asked {
            return if last.succeeded { Ok(self.directory.load_full()) } else { Err(unavailable()) };
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let under_way = self.pace.begin();
        let outcome = self.read().await;
        under_way.end(outcome.is_ok());
        *last = Turn { number, succeeded: outcome.is_ok() };
        outcome
    }

    async fn read(&self) -> Result<Arc<Directory>, PortError> {
        let read_at = self.clock.monotonic();
        let known = self.directory.load_full();
        let revision = self.store.revision().await?;
        let next = if revision == known.revision() { known } else { self.replace(&known, revision).await? };
        self.read_at.store(millis(read_at), Ordering::Release);
        Ok(next)
    }

    async fn replace(&self, known: &Directory, revision: u64) -> Result<Arc<Directory>, PortError> {
        let changed = if revision > known.revision() {
            self.store.changed_since(known.revision()).await?
        } else {
            tracing::warn!(known = known.revision(), revision, "the key database went back in time; reading it anew");
            None
        };
        let next = match changed {
            Some(changed) => known.with(changed, revision, &self.policy),
            // What it says of a ring that cannot be read any more is not to be acted on.
            None => Directory::default().with(self.store.everything().await?, revision, &self.policy),
        };
        self.warm(&next, known).await;
        let next = Arc::new(next);
        self.directory.store(Arc::clone(&next));
        self.readings.send_replace(Reading::now());
        Ok(next)
    }

    /// Opens keys before they are needed, so that no request waits for them. A token that hangs must not keep this replica
    /// from what others changed: what is not open in time is opened when it signs.
    async fn warm(&self, next: &Directory, known: &Directory) {
        let warming = async {
            for view in next.cooled(known) {
                if let Err(error) = view.signer(&self.store, &self.custody).await {
                    tracing::error!(ring = %view.ring().name(), error = ?error, "the active key of a ring cannot be opened");
                }
            }
        };
        if timeout(WARMING, warming).await.is_err() {
            tracing::warn!("the active keys of some rings are not open yet");
        }
    }
}

/// A small part of the second in which a change is to be in effect everywhere.
const WARMING: Duration = Duration::from_millis(250);

fn millis(reading: Duration) -> u64 {
    u64::try_from(reading.as_millis()).unwrap_or(u64::MAX)
}

fn unavailable() -> PortError {
    PortError::Unavailable(Box::new(NotRead))
}

#[derive(Debug, thiserror::Error)]
#[error("the reading that was waited for failed")]
struct NotRead;
