//! The doors out: what sibling services keep for the edge.
//!
//! - `RemoteTokens` asks the token service for tokens; its calls outlive callers who hang up (`outliving`).
//! - `CachedTenants` asks client-registry, and keeps what it heard as long as the change feed allows.
//! - `CachedKeySets` asks key-management, at most once a moment for a tenant.
//! - [`refusals`] reads what a sibling refused.

mod key_sets;
mod outliving;
pub mod refusals;
mod tenants;
mod tokens;

pub(crate) use key_sets::CachedKeySets;
pub(crate) use tenants::CachedTenants;
pub(crate) use tokens::RemoteTokens;
