//! The keys of the installation: what the doors call.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use mintage_chassis::Transport;
use mintage_chassis::door::Need;
use mintage_clock::{Clock, Randomness};
use mintage_jose::{Kid, RsaSize};
use mintage_oauth::TenantId;

use super::alarm::Said;
use super::clearing::Clearing;
use super::follower::Follower;
use super::minter::Minter;
use super::signature_pool::SignaturePool;
use super::waits::Waits;
use super::{Directory, KeySet, Reading, RingView, ServedKey};
use crate::clients::RemoteLifetimes;
use crate::custody::{Custody, Sweep};
use crate::domain::advance::Advance;
use crate::domain::{Means, Policy, PortError, RingName};
use crate::store::KeyStore;
use crate::watch::{WatchSettings, Watchers};

/// What [`Keys`] are made of.
#[derive(Debug)]
pub struct Parts {
    /// Where they are kept.
    pub store: KeyStore,
    /// Who keeps private halves.
    pub custody: Custody,
    /// How long they live.
    pub policy: Policy,
    /// The time.
    pub clock: Clock,
    /// Where new keys come from.
    pub randomness: Randomness,
    /// How many RSA signatures are made at once.
    pub signing_threads: NonZeroUsize,
    /// How many signatures are made inside the token at once.
    pub token_sessions: NonZeroUsize,
    /// How many more may wait for a thread.
    pub max_waiting_signatures: usize,
    /// How long new RSA keys are.
    pub rsa: RsaSize,
    /// Who may watch key sets.
    pub watching: WatchSettings,
    /// To client-registry: how long the tokens of APIs live.
    pub registry: Transport,
    /// How long the record of what was done is kept, and what may be known of keys that have ended.
    pub record_retention: Duration,
}

/// The domain's operations, on this replica's means.
type Operations = Means<KeyStore, Minter, Watchers, RemoteLifetimes>;

/// Signs with keys and moves them through their lives.
#[derive(Debug)]
pub struct Keys {
    pub(super) store: KeyStore,
    pub(super) custody: Custody,
    pub(super) pool: SignaturePool,
    /// Without a token there is nothing to wait for.
    pub(super) token_pool: Option<SignaturePool>,
    pub(super) sweep: Option<Sweep>,
    pub(super) clearing: Clearing,
    pub(super) randomness: Randomness,
    pub(super) operations: Operations,
    pub(super) follower: Follower,
    follows: AtomicBool,
    pub(super) waiting: Said,
    pub(super) waits: Waits,
    pub(super) overdue: Said,
    pub(super) failing: Said,
    pub(super) unsigned: Said,
    pub(super) extending: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Reads what is kept.
    ///
    /// # Errors
    /// When the database does not answer, a row cannot be read, or no thread can be had.
    pub async fn open(parts: Parts) -> Result<Self, PortError> {
        let Parts {
            store,
            custody,
            policy,
            clock,
            randomness,
            signing_threads,
            token_sessions,
            max_waiting_signatures,
            rsa,
            watching,
            registry,
            record_retention,
        } = parts;
        let watchers = Watchers::new(store.clone(), watching, policy.bounds().replica_lag, clock.clone(), &randomness);
        let follower = Follower::start(store.clone(), custody.clone(), policy, clock.clone()).await?;
        let pool = |name, threads| {
            SignaturePool::new(name, threads, max_waiting_signatures).map_err(|error| PortError::Internal(error.into()))
        };
        Ok(Self {
            pool: pool("rsa_signatures", signing_threads)?,
            token_pool: custody.token().map(|_| pool("token_signatures", token_sessions)).transpose()?,
            sweep: custody.token().cloned().map(Sweep::new),
            clearing: Clearing::new(record_retention),
            operations: Means {
                policy,
                rings: store.clone(),
                mint: Minter::new(custody.clone(), store.clone(), (rsa, clock.clone()), randomness.clone()),
                evidence: watchers,
                lifetimes: RemoteLifetimes::new(registry),
                clock,
            },
            follows: AtomicBool::new(true),
            waiting: Said::default(),
            waits: Waits::default(),
            overdue: Said::default(),
            failing: Said::default(),
            unsigned: Said::default(),
            extending: tokio::sync::Mutex::default(),
            store,
            custody,
            randomness,
            follower,
        })
    }

    /// How long keys live.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.operations.policy
    }

    /// The time.
    pub(crate) const fn clock(&self) -> &Clock {
        &self.operations.clock
    }

    /// Where keys are kept.
    #[must_use]
    pub const fn store(&self) -> &KeyStore {
        &self.store
    }

    /// Who watches key sets.
    #[must_use]
    pub const fn watchers(&self) -> &Watchers {
        &self.operations.evidence
    }

    /// What this replica read of the database, again and again.
    pub(crate) fn readings(&self) -> tokio::sync::watch::Receiver<Reading> {
        self.follower.readings()
    }

    /// The copy in memory, fresh enough to act on.
    ///
    /// # Errors
    /// When it is too old and the database does not answer.
    pub async fn directory(&self) -> Result<Arc<Directory>, PortError> {
        self.follower.current().await
    }

    /// A ring that signs. What is not in memory may have been made by another replica a moment ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ring(&self, name: &RingName) -> Result<Option<Arc<RingView>>, PortError> {
        self.look_up(|directory| directory.ring(name).cloned()).await
    }

    /// The same, as it is kept now.
    pub(super) async fn read_anew(&self, name: &RingName) -> Result<Option<Arc<RingView>>, PortError> {
        Ok(self.follower.soon().await?.ring(name).cloned())
    }

    /// A public key that may verify, of any tenant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn resolve(&self, kid: &Kid) -> Result<Option<Arc<ServedKey>>, PortError> {
        self.look_up(|directory| directory.key(kid).cloned()).await
    }

    /// The public keys of a tenant; `None` when it has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn key_set(&self, tenant: &TenantId) -> Result<Option<Arc<KeySet>>, PortError> {
        self.look_up(|directory| directory.key_set(tenant).cloned()).await
    }

    /// Reads on what other replicas changed, takes the steps that are due, and clears up.
    pub async fn step(&self) {
        self.follow_others().await;
        self.take_due_steps().await;
        self.clear().await;
    }

    /// Reads on what other replicas changed.
    pub async fn follow_others(&self) {
        self.note(self.follower.catch_up().await.as_ref().err());
    }

    /// Takes the steps that are due by what was read last, unless the database could not be read. Making keys for them takes
    /// as long as it takes.
    pub async fn take_due_steps(&self) {
        if !self.follows() {
            return;
        }
        let directory = self.follower.glance();
        self.alarm(&directory);
        let due = directory.due(self.clock().now(), self.policy());
        // A few at a time: where keys are made slowly or not at all, other rings do not wait for all of these.
        futures::stream::iter(&due).for_each_concurrent(AT_ONCE, |name| self.advance(name)).await;
        self.waits.retain(&due);
        if !due.is_empty() {
            self.read_on().await;
        }
    }

    /// Whether the database could be read lately.
    pub(super) fn follows(&self) -> bool {
        self.follows.load(Ordering::Relaxed)
    }

    async fn advance(&self, name: &RingName) {
        match self.operations.advance(name).await {
            Ok(Advance { waits_for, at_the_last }) => {
                if at_the_last {
                    tracing::error!(ring = %name, "a key took over that was held back: the one before it was about to end");
                }
                if let Some(held) = &waits_for {
                    self.waiting.tell(name, held, self.clock());
                }
                self.waits.note(name, waits_for.as_ref());
            }
            Err(error) => self.failing.tell_once(name, self.clock(), || {
                tracing::error!(ring = %name, error = ?error, "a due step of a key ring failed");
            }),
        }
    }

    async fn look_up<T>(&self, find: impl Fn(&Directory) -> Option<T>) -> Result<Option<T>, PortError> {
        if let Some(found) = find(&*self.follower.current().await?) {
            return Ok(Some(found));
        }
        Ok(find(&*self.follower.soon().await?))
    }

    /// What was kept is in effect here before the caller hears of it; if not, the next step reads it.
    pub(super) async fn read_on(&self) {
        if let Err(error) = self.follower.catch_up().await {
            tracing::warn!(error = ?error, "a change of keys was kept but not read back");
        }
    }

    /// Says once that the database is lost, and once that it is back.
    fn note(&self, error: Option<&PortError>) {
        match error {
            Some(error) if self.follows.swap(false, Ordering::Relaxed) => {
                tracing::error!(error = ?error, "the key database cannot be followed");
            }
            None if !self.follows.swap(true, Ordering::Relaxed) => tracing::info!("the key database is followed again"),
            _ => {}
        }
    }
}

/// What was read of the database signs on without it, for a while.
#[async_trait]
impl Need for Keys {
    async fn check(&self) -> Result<(), &'static str> {
        self.directory().await.map(drop).map_err(|_| "the database was not read lately")
    }
}

/// So many rings take their due steps at the same time.
const AT_ONCE: usize = 8;
