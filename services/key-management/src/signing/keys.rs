//! The keys of the installation: what the doors call.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use mintage_chassis::door::Need;
use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::MasterKey;
use mintage_jose::{Kid, TextTagger};
use mintage_oauth::TenantId;
use zeroize::Zeroizing;

use super::directory::internal;
use super::follower::Follower;
use super::minter::Minter;
use super::rsa_pool::RsaPool;
use super::{Directory, KeySet, RingView, ServedKey};
use crate::domain::minting::unseal;
use crate::domain::ports::Rings;
use crate::domain::rotate::Rotation;
use crate::domain::{Key, KeysError, Policy, PortError, RingName, advance, ensure, remove, rotate};
use crate::store::KeyStore;

/// What [`Keys`] are made of.
#[derive(Debug)]
pub struct Parts {
    /// Where they are kept.
    pub store: KeyStore,
    /// What private halves are sealed under.
    pub master: Arc<MasterKey>,
    /// How long they live.
    pub policy: Policy,
    /// The time.
    pub clock: Clock,
    /// Where new keys come from.
    pub randomness: Randomness,
    /// How many RSA signatures are made at once.
    pub signing_threads: NonZeroUsize,
    /// How many may wait or be in the making.
    pub max_waiting_signatures: usize,
}

/// Signs with keys and moves them through their lives.
#[derive(Debug)]
pub struct Keys {
    pub(super) store: KeyStore,
    pub(super) master: Arc<MasterKey>,
    pub(super) pool: RsaPool,
    pub(super) policy: Policy,
    pub(super) clock: Clock,
    minter: Minter,
    pub(super) follower: Follower,
    follows: AtomicBool,
}

impl Keys {
    /// Reads what is kept.
    ///
    /// # Errors
    /// When the database does not answer, a row cannot be read, or no thread can be had.
    pub async fn open(parts: Parts) -> Result<Self, PortError> {
        let Parts { store, master, policy, clock, randomness, signing_threads, max_waiting_signatures } = parts;
        let follower = Follower::start(store.clone(), Arc::clone(&master), policy, clock.clone()).await?;
        Ok(Self {
            pool: RsaPool::new(signing_threads, max_waiting_signatures)
                .map_err(|error| PortError::Internal(error.into()))?,
            minter: Minter::new(Arc::clone(&master), randomness),
            follows: AtomicBool::new(true),
            store,
            master,
            policy,
            clock,
            follower,
        })
    }

    /// How long keys live.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Makes and reads the page tokens of lists of keys, on every replica alike.
    #[must_use]
    pub fn page_tokens(&self) -> TextTagger {
        TextTagger::new(self.master.derive("page token"))
    }

    /// Where keys are kept.
    #[must_use]
    pub const fn store(&self) -> &KeyStore {
        &self.store
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

    /// Makes a ring unless it exists.
    ///
    /// # Errors
    /// When keys cannot be made or kept.
    pub async fn ensure(&self, name: &RingName) -> Result<(), KeysError> {
        ensure::ensure(name, &self.clock, &self.store, &self.minter).await?;
        self.read_on().await;
        Ok(())
    }

    /// Rotates a ring by hand.
    ///
    /// # Errors
    /// When there is no such ring, it is full, or keys cannot be made or kept.
    pub async fn rotate(&self, name: &RingName) -> Result<Rotation, KeysError> {
        let rotation = rotate::rotate(name, &self.clock, &self.policy, &self.store, &self.minter).await?;
        self.read_on().await;
        Ok(rotation)
    }

    /// Ends a ring at once.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub async fn remove(&self, name: &RingName) -> Result<(), KeysError> {
        remove::remove(name, self.clock.now(), &self.store).await?;
        self.read_on().await;
        Ok(())
    }

    /// Ends every ring of a tenant at once.
    ///
    /// # Errors
    /// When one cannot be ended.
    pub async fn remove_all(&self, tenant: &TenantId) -> Result<(), KeysError> {
        remove::remove_all(tenant, self.clock.now(), &self.store).await?;
        self.read_on().await;
        Ok(())
    }

    /// The served secrets of an HS256 ring, oldest first; `None` when there is no such ring.
    ///
    /// # Errors
    /// When they cannot be read or opened.
    pub async fn shared_secrets(&self, name: &RingName) -> Result<Option<Vec<(Key, Zeroizing<Vec<u8>>)>>, PortError> {
        let Some(ring) = self.store.find(name).await?.filter(|ring| !ring.is_ended()) else { return Ok(None) };
        let mut secrets = Vec::new();
        for key in ring.served() {
            // Gone between the two readings: its last token has expired.
            let Some(sealed) = self.store.sealed(&key.kid).await? else { continue };
            let private = unseal(name, &key.kid, &sealed, &self.master).map_err(internal)?;
            secrets.extend(private.shared_secret().map(|secret| (key.clone(), secret)));
        }
        Ok(Some(secrets))
    }

    /// Reads on what other replicas changed, and takes the steps that are due.
    pub async fn step(&self) {
        let directory = self.follower.catch_up().await;
        self.note(directory.as_ref().err());
        let Ok(directory) = directory else { return };
        let due = directory.due(self.clock.now(), &self.policy);
        for name in &due {
            let advanced = advance::advance(name, &self.clock, &self.policy, &self.store, &self.minter).await;
            if let Err(error) = advanced {
                tracing::error!(ring = %name, error = ?error, "a due step of a key ring failed");
            }
        }
        if !due.is_empty() {
            self.read_on().await;
        }
    }

    async fn look_up<T>(&self, find: impl Fn(&Directory) -> Option<T>) -> Result<Option<T>, PortError> {
        if let Some(found) = find(&*self.follower.current().await?) {
            return Ok(Some(found));
        }
        Ok(find(&*self.follower.catch_up().await?))
    }

    /// What was kept is in effect here before the caller hears of it; if not, the next step reads it.
    async fn read_on(&self) {
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
