//! The doors out: what sibling services keep for the edge.
//!
//! - `RemoteTokens` asks the token service for tokens; its calls outlive callers who hang up (`outliving`).
//! - `CachedTenants` asks client-registry, and keeps what it heard as long as the change feed allows.
//! - `WatchedKeySets` hears of key sets from key-management as they change; of those that it does not hear,
//!   `CachedKeySets` asks, at most once a moment for a tenant.
//! - `Latest` keeps either from going back to an older set than it has told.
//! - `RemoteConsent` asks the consent service what comes next for a browser, `RemoteFrontChannel` the token service for what
//!   goes beside a code, `RemoteRegistrations` client-registry for clients that register themselves. What they have under
//!   way is bounded together (`Calls`).
//! - [`refusals`] reads what a sibling refused.

mod calls;
mod consent;
mod front_channel;
mod key_sets;
mod latest;
mod outliving;
pub mod refusals;
mod registrations;
mod tenants;
mod tokens;
mod watched;

use mintage_clock::Timestamp;

pub(crate) use calls::Calls;
pub(crate) use consent::RemoteConsent;
pub(crate) use front_channel::RemoteFrontChannel;
pub(crate) use key_sets::CachedKeySets;
pub(crate) use registrations::RemoteRegistrations;
pub(crate) use tenants::CachedTenants;
pub(crate) use tokens::RemoteTokens;
pub(crate) use watched::{WatchedKeySets, Watching};

/// An instant as siblings tell it, to the second.
fn moment(told: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    told.map(|told| Timestamp::from_unix_seconds(told.seconds))
}
