//! What the operations need of the world.

use std::future::Future;

use mintage_oauth::TenantId;

use super::minting::Minted;
use super::{PortError, Ring, RingName};

/// Keeps rings.
pub trait Rings: Send + Sync {
    /// The ring with its served keys; ended rings are found too.
    fn find(&self, name: &RingName) -> impl Future<Output = Result<Option<Ring>, PortError>> + Send;

    /// The names of every ring of a tenant that has not ended.
    fn names(&self, tenant: &TenantId) -> impl Future<Output = Result<Vec<RingName>, PortError>> + Send;

    /// Keeps a change, if nobody kept another since the ring was read; `minted` are the keys new to it. The private
    /// halves of keys that are no longer served are destroyed.
    fn save(&self, ring: &Ring, minted: &[Minted]) -> impl Future<Output = Result<Saved, PortError>> + Send;
}

/// Whether a change was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It was.
    Kept,
    /// Somebody else's came first: read again.
    Overtaken,
}

/// Makes keys, off the path of requests that sign.
pub trait Mint: Send + Sync {
    /// One key for a ring, its private half sealed.
    fn mint(&self, ring: &RingName) -> impl Future<Output = Result<Minted, PortError>> + Send;

    /// Two keys at once.
    fn mint_pair(&self, ring: &RingName) -> impl Future<Output = Result<(Minted, Minted), PortError>> + Send;
}
