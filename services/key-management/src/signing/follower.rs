//! Keeps the copy in memory true: what any replica kept is read on, and a copy too old is not used.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use mintage_clock::{Clock, Timestamp};
use mintage_jose::seal::MasterKey;
use tokio::sync::Mutex;

use super::Directory;
use crate::domain::{Policy, PortError};
use crate::store::KeyStore;

/// Follows the changes that replicas keep.
#[derive(Debug)]
pub(super) struct Follower {
    store: KeyStore,
    master: Arc<MasterKey>,
    policy: Policy,
    clock: Clock,
    directory: ArcSwap<Directory>,
    /// When the reading that gave `directory` began, in milliseconds.
    read_at: AtomicI64,
    /// How many readings have begun.
    begun: AtomicU64,
    turn: Mutex<Reading>,
}

/// The last reading that came to its end.
#[derive(Debug)]
struct Reading {
    number: u64,
    succeeded: bool,
}

impl Follower {
    /// Reads everything once.
    pub(super) async fn start(
        store: KeyStore,
        master: Arc<MasterKey>,
        policy: Policy,
        clock: Clock,
    ) -> Result<Self, PortError> {
        let read_at = clock.now();
        let revision = store.revision().await?;
        let directory = Directory::default().with(store.everything().await?, revision, &policy);
        Ok(Self {
            store,
            master,
            policy,
            clock,
            directory: ArcSwap::from_pointee(directory),
            read_at: AtomicI64::new(read_at.unix_millis()),
            begun: AtomicU64::new(0),
            turn: Mutex::new(Reading { number: 0, succeeded: true }),
        })
    }

    /// The copy, if it is no older than a replica may lag; read on first otherwise.
    pub(super) async fn current(&self) -> Result<Arc<Directory>, PortError> {
        let read_at = Timestamp::from_unix_millis(self.read_at.load(Ordering::Acquire));
        if self.clock.now().since(read_at) <= self.policy.replica_lag() {
            return Ok(self.directory.load_full());
        }
        self.catch_up().await
    }

    /// The copy as it is, and when the reading began that gave it.
    pub(super) fn glance(&self) -> (Arc<Directory>, Timestamp) {
        (self.directory.load_full(), Timestamp::from_unix_millis(self.read_at.load(Ordering::Acquire)))
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
        let outcome = self.read().await;
        *last = Reading { number, succeeded: outcome.is_ok() };
        outcome
    }

    async fn read(&self) -> Result<Arc<Directory>, PortError> {
        let read_at = self.clock.now();
        let known = self.directory.load_full();
        let revision = self.store.revision().await?;
        let next = if revision == known.revision() { known } else { self.replace(&known, revision).await? };
        self.read_at.store(read_at.unix_millis(), Ordering::Release);
        Ok(next)
    }

    async fn replace(&self, known: &Directory, revision: u64) -> Result<Arc<Directory>, PortError> {
        let next = if revision > known.revision() {
            known.with(self.store.changed_since(known.revision()).await?, revision, &self.policy)
        } else {
            tracing::warn!(known = known.revision(), revision, "the key database went back in time; reading it anew");
            Directory::default().with(self.store.everything().await?, revision, &self.policy)
        };
        // Opened before they are needed, so that no request waits for them.
        for view in next.cooled(known) {
            if let Err(error) = view.signer(&self.store, &self.master).await {
                tracing::error!(ring = %view.ring().name(), error = ?error, "the active key of a ring cannot be opened");
            }
        }
        let next = Arc::new(next);
        self.directory.store(Arc::clone(&next));
        Ok(next)
    }
}

fn unavailable() -> PortError {
    PortError::Unavailable(Box::new(NotRead))
}

#[derive(Debug, thiserror::Error)]
#[error("the reading that was waited for failed")]
struct NotRead;
