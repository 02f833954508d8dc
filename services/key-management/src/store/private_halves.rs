//! Sealed private halves, and the master keys that sealed them.

use mintage_jose::Kid;
use mintage_jose::seal::Sealed;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::signing_key;
use super::{KeyStore, convert, failed};
use crate::domain::PortError;

impl KeyStore {
    /// The sealed private half of a key; `None` when there is no such key or its private half is destroyed.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn sealed(&self, kid: &Kid) -> Result<Option<Sealed>, PortError> {
        let found = signing_key::Entity::find_by_id(kid.as_str()).one(self.database.connection()).await;
        match found.map_err(failed)? {
            Some(row) => Ok(convert::sealed_of(&row)?),
            None => Ok(None),
        }
    }

    /// The ids of the master keys under which private halves are sealed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn master_key_ids(&self) -> Result<Vec<String>, PortError> {
        let ids = signing_key::Entity::find()
            .select_only()
            .column(signing_key::Column::SealedUnder)
            .distinct()
            .filter(signing_key::Column::SealedUnder.is_not_null())
            .into_tuple::<String>();
        ids.all(self.database.connection()).await.map_err(failed)
    }
}
