//! What changed since a revision, for the copy in memory.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::convert;
use super::entities::{key_head, key_ring, signing_key};
use super::rings::served_keys;
use super::{KeyStore, failed};
use crate::domain::{PortError, Ring};

/// A ring and the revision that changed it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRing {
    /// The ring with its served keys; without any when it has ended.
    pub ring: Ring,
    /// The count of changes of all rings, when this one changed.
    pub revision: u64,
}

impl KeyStore {
    /// How many changes were kept, of all rings: one statement.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revision(&self) -> Result<u64, PortError> {
        let head = key_head::Entity::find().one(self.database.connection()).await.map_err(failed)?;
        head.map(|head| convert::unsigned(head.revision)).ok_or_else(|| convert::unreadable("the key head").into())
    }

    /// Every ring changed after `revision`; `None` when one of them cannot be read: what was known of it before is not true
    /// any more, and its name may not be known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changed_since(&self, revision: u64) -> Result<Option<Vec<StoredRing>>, PortError> {
        let changed = Condition::all().add(key_ring::Column::Revision.gt(convert::signed(revision)));
        Ok(self.load(changed).await?.into_iter().collect())
    }

    /// Every ring that serves keys, and the ended ones of public keys: they count in the version of a key set. One that
    /// cannot be read is left out, so that the others sign on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn everything(&self) -> Result<Vec<StoredRing>, PortError> {
        let alive = key_ring::Column::Ended.eq(false);
        let wanted = Condition::any().add(alive).add(key_ring::Column::ResourceServerId.eq(""));
        Ok(self.load(wanted).await?.into_iter().flatten().collect())
    }

    /// `None` for each that cannot be read.
    async fn load(&self, wanted: Condition) -> Result<Vec<Option<StoredRing>>, PortError> {
        let connection = self.database.connection();
        let rows = key_ring::Entity::find().filter(wanted).all(connection).await.map_err(failed)?;
        let mut keys: HashMap<i64, Vec<signing_key::Model>> = HashMap::new();
        for some in rows.chunks(RINGS_A_STATEMENT) {
            let found = served_keys(some.iter().map(|row| row.id)).all(connection).await.map_err(failed)?;
            for key in found {
                keys.entry(key.ring_id).or_default().push(key);
            }
        }
        let stored = rows.iter().map(|row| {
            let ring = convert::ring_of(row, keys.remove(&row.id).unwrap_or_default());
            let ring = ring.map_err(|error| tracing::error!(%error, "a key ring is left out")).ok()?;
            Some(StoredRing { ring, revision: convert::unsigned(row.revision) })
        });
        Ok(stored.collect())
    }
}

/// Far below what either database takes as parameters of one statement.
const RINGS_A_STATEMENT: usize = 500;
