//! The copy in memory: rings by name, served keys by kid, key sets by tenant.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use mintage_clock::Timestamp;
use mintage_jose::{Algorithm, Jwk, Kid, VerifyingKey};
use mintage_oauth::{TenantId, TokenLifetime};
use tokio::sync::OnceCell;

use crate::custody::{Custody, OpenKey};
use crate::domain::{Key, KeyState, Policy, PortError, Ring, RingName};
use crate::store::{KeyStore, StoredRing};

/// What one reading of the database gave. It never changes; another takes its place.
#[derive(Clone, Default)]
pub struct Directory {
    revision: u64,
    due_at: Option<Timestamp>,
    rings: HashMap<RingName, Arc<RingView>>,
    keys: HashMap<Kid, Arc<ServedKey>>,
    sets: HashMap<TenantId, Arc<KeySet>>,
}

impl Directory {
    /// Its successor, after `changed` rings were read at `revision`.
    #[must_use]
    pub fn with(&self, changed: Vec<StoredRing>, revision: u64, policy: &Policy) -> Self {
        let mut next = Self { revision, ..self.clone() };
        let mut tenants = HashSet::new();
        for stored in changed {
            tenants.insert(stored.ring.name().tenant().clone());
            next.replace(stored);
        }
        for tenant in tenants {
            next.gather(tenant);
        }
        next.due_at = next.rings.values().filter_map(|view| view.ring.due_at(policy)).min();
        next
    }

    /// The count of changes that it has seen.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// A ring that signs.
    #[must_use]
    pub fn ring(&self, name: &RingName) -> Option<&Arc<RingView>> {
        self.rings.get(name).filter(|view| !view.ring.is_ended())
    }

    /// Every ring that signs.
    pub(super) fn views(&self) -> impl Iterator<Item = &RingView> {
        self.rings.values().map(|view| &**view).filter(|view| !view.ring.is_ended())
    }

    /// A public key that may verify.
    #[must_use]
    pub fn key(&self, kid: &Kid) -> Option<&Arc<ServedKey>> {
        self.keys.get(kid)
    }

    /// What a tenant's verifiers may meet; `None` for a tenant without public keys.
    #[must_use]
    pub fn key_set(&self, tenant: &TenantId) -> Option<&Arc<KeySet>> {
        self.sets.get(tenant)
    }

    /// The rings in which a step is due.
    #[must_use]
    pub fn due(&self, now: Timestamp, policy: &Policy) -> Vec<RingName> {
        let is_due = |due_at: Option<Timestamp>| due_at.is_some_and(|due_at| due_at <= now);
        if !is_due(self.due_at) {
            return Vec::new();
        }
        let due = self.rings.values().filter(|view| is_due(view.ring.due_at(policy)));
        due.map(|view| view.ring.name().clone()).collect()
    }

    /// The rings that signed lately in `before` and have another key to sign with here.
    pub(super) fn cooled(&self, before: &Self) -> Vec<Arc<RingView>> {
        let signed = before.rings.values().filter(|view| view.signer.initialized());
        let now = signed.filter_map(|view| self.ring(view.ring.name()));
        now.filter(|view| !view.signer.initialized()).cloned().collect()
    }

    fn replace(&mut self, stored: StoredRing) {
        let name = stored.ring.name().clone();
        let before = self.rings.remove(&name);
        for key in before.iter().flat_map(|view| &view.public) {
            self.keys.remove(&key.kid);
        }
        // An ended ring of an API is gone for good; one of a tenant counts in the version of its key set while others live.
        if stored.ring.is_ended() && !name.is_public() {
            return;
        }
        let view = RingView::new(stored, before.as_deref());
        self.keys.extend(view.public.iter().map(|key| (key.kid.clone(), Arc::clone(key))));
        self.rings.insert(name, Arc::new(view));
    }

    fn gather(&mut self, tenant: TenantId) {
        let names = Algorithm::ALL.into_iter().filter_map(|each| RingName::new(tenant.clone(), each, None).ok());
        let names: Vec<_> = names.collect();
        let views: Vec<_> = names.iter().filter_map(|name| self.rings.get(name)).collect();
        let keys: Vec<_> = views.iter().flat_map(|view| view.public.iter().cloned()).collect();
        let version = views.iter().map(|view| view.revision).max().unwrap_or(0);
        if keys.is_empty() {
            // Whatever comes after them has a greater revision than they had.
            for name in &names {
                self.rings.remove(name);
            }
            self.sets.remove(&tenant);
        } else {
            self.sets.insert(tenant, Arc::new(KeySet { version, keys }));
        }
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory(revision {}, {} rings)", self.revision, self.rings.len())
    }
}

/// The public keys of a tenant, algorithm by algorithm, oldest first.
#[derive(Debug)]
pub struct KeySet {
    /// Grows with every change.
    pub version: u64,
    /// Announced, active and retiring keys.
    pub keys: Vec<Arc<ServedKey>>,
}

/// A public key that verifiers may meet.
pub struct ServedKey {
    /// Whose tokens it signs.
    pub tenant: TenantId,
    /// The one algorithm it verifies.
    pub algorithm: Algorithm,
    /// Its name.
    pub kid: Kid,
    /// The JWK as JSON.
    pub jwk: Arc<str>,
    verifying: OnceLock<Arc<VerifyingKey>>,
}

impl ServedKey {
    /// The key, ready to verify; parsed on first use.
    ///
    /// # Errors
    /// When what is kept is no key.
    pub fn verifying(&self) -> Result<Arc<VerifyingKey>, PortError> {
        if let Some(parsed) = self.verifying.get() {
            return Ok(Arc::clone(parsed));
        }
        let jwk: Jwk = self.jwk.parse().map_err(internal)?;
        let parsed = Arc::new(VerifyingKey::new(&jwk).map_err(internal)?);
        Ok(Arc::clone(self.verifying.get_or_init(|| parsed)))
    }
}

impl fmt::Debug for ServedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServedKey({}/{} {})", self.tenant, self.algorithm, self.kid)
    }
}

/// A ring, and its active key once it has signed.
pub struct RingView {
    ring: Ring,
    revision: u64,
    /// Of the active key.
    term: Option<Term>,
    signer: OnceCell<Arc<OpenKey>>,
    public: Vec<Arc<ServedKey>>,
}

impl RingView {
    fn new(stored: StoredRing, before: Option<&Self>) -> Self {
        let StoredRing { ring, revision } = stored;
        let active = ring.active().map(|key| &key.kid);
        let signer = before.and_then(|view| view.signer.get()).filter(|signer| Some(signer.kid()) == active);
        let public = ring.served().filter_map(|key| {
            let jwk = Arc::clone(key.jwk.as_ref()?);
            let (tenant, algorithm) = (ring.name().tenant().clone(), ring.name().algorithm());
            let kid = key.kid.clone();
            Some(Arc::new(ServedKey { tenant, algorithm, kid, jwk, verifying: OnceLock::new() }))
        });
        let term = ring.active().and_then(Term::of);
        Self { public: public.collect(), term, signer: OnceCell::new_with(signer.cloned()), ring, revision }
    }

    /// The ring.
    #[must_use]
    pub const fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Whether its active key signs tokens that live so long, at `now`.
    ///
    /// # Errors
    /// When it does not.
    pub fn signs(&self, lifetime: TokenLifetime, now: Timestamp) -> Result<(), Unfit> {
        match self.term {
            Some(Term { expires_at, longest_token }) if now < expires_at => {
                if lifetime <= longest_token {
                    Ok(())
                } else {
                    Err(Unfit::LivesTooLong)
                }
            }
            _ => Err(Unfit::Expired),
        }
    }

    /// What signs for it, if it is open.
    pub(super) fn ready(&self) -> Option<&Arc<OpenKey>> {
        self.signer.get()
    }

    /// Lets `key` sign for it.
    #[cfg(test)]
    pub(super) fn signs_with(&self, key: OpenKey) {
        assert!(self.signer.set(Arc::new(key)).is_ok(), "its key is open");
    }

    /// What signs for it: opened on first use, with one statement.
    ///
    /// # Errors
    /// When the private half cannot be read or opened.
    pub async fn signer(&self, store: &KeyStore, custody: &Custody) -> Result<&Arc<OpenKey>, PortError> {
        self.signer.get_or_try_init(|| self.open(store, custody)).await
    }

    async fn open(&self, store: &KeyStore, custody: &Custody) -> Result<Arc<OpenKey>, PortError> {
        let active = self.ring.active().ok_or_else(|| internal(Destroyed))?;
        let kept = store.kept(&active.kid).await?.ok_or_else(|| internal(Destroyed))?;
        custody.open(self.ring.name(), &active.kid, kept).await.map(Arc::new)
    }
}

/// What a key may sign.
struct Term {
    expires_at: Timestamp,
    longest_token: TokenLifetime,
}

impl Term {
    const fn of(key: &Key) -> Option<Self> {
        match key.state {
            KeyState::Active { expires_at } => Some(Self { expires_at, longest_token: key.longest_token }),
            _ => None,
        }
    }
}

/// Why an active key does not sign a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It was not relieved in time.
    Expired,
    /// It was not to be kept for so long.
    LivesTooLong,
}

impl fmt::Debug for RingView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingView({} at version {})", self.ring.name(), self.ring.standing().version)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the private half is destroyed")]
struct Destroyed;

pub(super) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> PortError {
    PortError::Internal(Box::new(cause))
}
