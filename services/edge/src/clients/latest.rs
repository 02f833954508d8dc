//! The latest key set of a tenant, whoever told it.

use std::sync::{Arc, Mutex, PoisonError};

use mintage_chassis::key_sets::Floor;

use crate::domain::KeySet;

/// The latest key set that was pushed or answered. While the floor holds, an older one is from a replica of key-management
/// that has yet to read of this one, and this one is served in its place: a key that was revoked does not come back.
#[derive(Debug, Default)]
pub(super) struct Latest {
    floor: Arc<Floor>,
    key_set: Mutex<Option<Arc<KeySet>>>,
}

impl Latest {
    /// What older ones are told by.
    pub(super) fn floor(&self) -> Arc<Floor> {
        Arc::clone(&self.floor)
    }

    /// Whether a newer one was told lately.
    pub(super) fn is_above(&self, key_set: &KeySet) -> bool {
        self.floor.is_above(key_set.version)
    }

    /// `told`, which is noted, or the newer one that was told lately.
    pub(super) fn or_newer(&self, told: Arc<KeySet>) -> Arc<KeySet> {
        let mut latest = self.key_set.lock().unwrap_or_else(PoisonError::into_inner);
        if self.floor.raise(told.version, told.replica_lag) {
            *latest = Some(Arc::clone(&told));
        }
        latest.clone().unwrap_or(told)
    }
}
