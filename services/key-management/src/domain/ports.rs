//! What the operations need of the world.

use std::fmt;
use std::future::Future;

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_jose::seal::Sealed;
use mintage_oauth::{TenantId, TokenLifetime};

use super::minting::Minted;
use super::{Cause, Change, PortError, Ring, RingName};

/// Keeps rings.
pub trait Rings: Send + Sync {
    /// The ring with its served keys; ended rings are found too.
    fn find(&self, name: &RingName) -> impl Future<Output = Result<Option<Ring>, PortError>> + Send;

    /// The names of every ring of a tenant that has not ended.
    fn names(&self, tenant: &TenantId) -> impl Future<Output = Result<Vec<RingName>, PortError>> + Send;

    /// Keeps a change with its record, if nobody kept another since the ring was read. The private halves of keys that are
    /// no longer served are destroyed.
    fn save(&self, change: &Change) -> impl Future<Output = Result<Saved, PortError>> + Send;
}

/// Whether a change was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It was.
    Kept,
    /// Somebody else's came first: read again.
    Overtaken,
}

/// Keeps private halves sealed.
pub trait PrivateHalves: Send + Sync {
    /// Those that another master key than the one of the id `under` sealed, by kid: at most `limit` behind `after`. Of one
    /// that cannot be read, the kid, as it is kept.
    fn sealed_otherwise(
        &self,
        under: &str,
        after: Option<&str>,
        limit: u64,
    ) -> impl Future<Output = Result<Vec<Result<PrivateHalf, String>>, PortError>> + Send;

    /// Keeps new seals in place of what is kept, each if that still is the half that was read: it may have been destroyed
    /// meanwhile, or sealed anew by another. In the same transaction it records, ring by ring, how many went from which master
    /// key to which. How many did.
    fn replace(&self, resealing: &Resealing) -> impl Future<Output = Result<u32, PortError>> + Send;
}

/// Private halves with the seals that shall take the place of theirs.
#[derive(Clone, Debug)]
pub struct Resealing {
    /// As they were read, each with its new seal.
    pub halves: Vec<(PrivateHalf, Sealed)>,
    /// By whom and why.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
}

/// A private half as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateHalf {
    /// The ring of its key.
    pub ring: RingName,
    /// Its key.
    pub kid: Kid,
    /// Encrypted.
    pub sealed: Sealed,
}

impl fmt::Debug for PrivateHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateHalf").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Makes keys, off the path of requests that sign.
pub trait Mint: Send + Sync {
    /// One key for a ring, its private half sealed.
    fn mint(&self, ring: &RingName) -> impl Future<Output = Result<Minted, PortError>> + Send;

    /// The same for a ring that has no other key and must have one at once: wherever its private half is kept soonest.
    fn mint_in_haste(&self, ring: &RingName) -> impl Future<Output = Result<Minted, PortError>> + Send {
        self.mint(ring)
    }

    /// Two keys at once.
    fn mint_pair(&self, ring: &RingName) -> impl Future<Output = Result<(Minted, Minted), PortError>> + Send;
}

/// Knows what the watchers of key sets hold.
pub trait Evidence: Send + Sync {
    /// How many watchers of a tenant's key set are connected, to any replica, and how many of them hold `version` of it or
    /// a later one.
    fn held(&self, tenant: &TenantId, version: u64) -> impl Future<Output = Result<Held, PortError>> + Send;
}

/// How far a key set has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many watchers are connected that proved who they are.
    pub watchers: u32,
    /// How many of them hold it.
    pub holding: u32,
    /// Some that do not, by the names they gave: at most 20.
    pub waiting_for: Vec<String>,
}

impl Held {
    /// Whether every watcher holds it.
    #[must_use]
    pub const fn by_all(&self) -> bool {
        self.holding >= self.watchers
    }
}

/// Knows how long tokens live.
pub trait Lifetimes: Send + Sync {
    /// The longest life of a token of the APIs there are whose tokens the ring signs; `None` when there is no such API.
    fn longest(&self, ring: &RingName) -> impl Future<Output = Result<Option<TokenLifetime>, PortError>> + Send;
}
