//! What a tenant's tokens verify with.

use std::sync::Arc;
use std::time::Duration;

/// A tenant's key set, ready to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// Grows with every change of the set.
    pub version: u64,
    /// The JWK Set as JSON (RFC 7517 section 5).
    pub document: Arc<str>,
    /// A strong entity tag of the document with its quotes (RFC 9110 section 8.8.3).
    pub entity_tag: Arc<str>,
    /// How long a verifier may keep it: less than the time for which a new key is announced before it signs.
    pub max_age: Duration,
    /// For how long whoever keeps the keys may still answer with an older one.
    pub replica_lag: Duration,
}
