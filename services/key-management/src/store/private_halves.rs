//! Sealed private halves, and the master keys that sealed them.

use mintage_jose::Kid;
use mintage_jose::seal::Sealed;
use mintage_store::StoreError;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::{key_ring, signing_key};
use super::facts::{Entry, ResealedHalves, record};
use super::rings::{alone, named};
use super::{KeyStore, convert, failed, refused};
use crate::domain::ports::{PrivateHalf, PrivateHalves, Resealing};
use crate::domain::{Deed, DeedKind, Kept, PortError, RingName};

impl KeyStore {
    /// How the private half of a key is kept; `None` when there is no such key or its private half is destroyed.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn kept(&self, kid: &Kid) -> Result<Option<Kept>, PortError> {
        let found = signing_key::Entity::find_by_id(kid.as_str()).one(self.database.connection()).await;
        match found.map_err(failed)? {
            Some(row) => Ok(convert::kept_of(&row)?),
            None => Ok(None),
        }
    }

    /// The sealed private half of a key; `None` when there is no such key, its private half is destroyed, or a token has it.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn sealed(&self, kid: &Kid) -> Result<Option<Sealed>, PortError> {
        Ok(self.kept(kid).await?.and_then(|kept| match kept {
            Kept::Sealed(sealed) => Some(sealed),
            Kept::InToken(_) => None,
        }))
    }

    /// The ids of the master keys under which private halves are sealed, each with how many there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sealed_under(&self) -> Result<Vec<(String, u64)>, PortError> {
        let counted = signing_key::Entity::find()
            .select_only()
            .column(signing_key::Column::SealedUnder)
            .column_as(signing_key::Column::Kid.count(), "keys")
            .filter(signing_key::Column::SealedUnder.is_not_null())
            .group_by(signing_key::Column::SealedUnder)
            .order_by_asc(signing_key::Column::SealedUnder)
            .into_tuple::<(String, i64)>();
        let counted = counted.all(self.database.connection()).await.map_err(failed)?;
        Ok(counted.into_iter().map(|(id, keys)| (id, convert::unsigned(keys))).collect())
    }
}

impl PrivateHalves for KeyStore {
    async fn sealed_otherwise(
        &self,
        under: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Result<PrivateHalf, String>>, PortError> {
        let mut wanted = signing_key::Entity::find()
            .find_also_related(key_ring::Entity)
            .filter(signing_key::Column::SealedUnder.ne(under))
            .order_by_asc(signing_key::Column::Kid)
            .limit(limit);
        if let Some(after) = after {
            wanted = wanted.filter(signing_key::Column::Kid.gt(after));
        }
        let rows = wanted.all(self.database.connection()).await.map_err(failed)?;
        let halves = rows.into_iter().map(|(key, ring)| half_of(&key, ring.as_ref()).ok_or(key.kid));
        Ok(halves.collect())
    }

    async fn replace(&self, resealing: &Resealing) -> Result<u32, PortError> {
        let kept = resealing.clone();
        let moved = self.database.transaction(async move |transaction| move_all(&kept, transaction).await).await;
        moved.map_err(refused)
    }
}

/// Moves halves and records it. How many were moved.
async fn move_all(resealing: &Resealing, transaction: &impl ConnectionTrait) -> Result<u32, StoreError> {
    alone(transaction).await?;
    let mut moved = Vec::new();
    for (half, anew) in &resealing.halves {
        if move_one(half, anew, transaction).await? {
            moved.push((half, anew));
        }
    }
    let entries = entries(&moved, transaction).await?;
    record(entries, &resealing.cause, resealing.at, transaction).await?;
    Ok(u32::try_from(moved.len()).unwrap_or(u32::MAX))
}

async fn move_one(half: &PrivateHalf, anew: &Sealed, transaction: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let PrivateHalf { kid, sealed, .. } = half;
    // One statement: the three columns are of one seal at every moment.
    let replaced = signing_key::Entity::update_many()
        .col_expr(signing_key::Column::SealedUnder, Expr::value(anew.key_id.as_str()))
        .col_expr(signing_key::Column::SealedNonce, Expr::value(anew.nonce.to_vec()))
        .col_expr(signing_key::Column::SealedPrivate, Expr::value(anew.ciphertext.clone()))
        .filter(signing_key::Column::Kid.eq(kid.as_str()))
        .filter(signing_key::Column::SealedUnder.eq(sealed.key_id.as_str()))
        .filter(signing_key::Column::SealedNonce.eq(sealed.nonce.to_vec()))
        .filter(signing_key::Column::SealedPrivate.eq(sealed.ciphertext.clone()))
        .exec(transaction);
    Ok(replaced.await?.rows_affected == 1)
}

/// One for each ring and master key that halves went from.
async fn entries(
    moved: &[(&PrivateHalf, &Sealed)],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<Entry>, StoreError> {
    let mut counted: Vec<(&RingName, ResealedHalves)> = Vec::new();
    for (half, anew) in moved {
        let alike =
            |known: &&mut (&RingName, ResealedHalves)| *known.0 == half.ring && known.1.from == half.sealed.key_id;
        match counted.iter_mut().find(alike) {
            Some((_, resealed)) => resealed.keys += 1,
            None => {
                let (from, to) = (half.sealed.key_id.clone(), anew.key_id.clone());
                counted.push((&half.ring, ResealedHalves { keys: 1, from, to }));
            }
        }
    }
    let mut entries = Vec::new();
    for (ring, resealed) in counted {
        let row = named(ring).one(transaction).await?;
        let deed = Deed::plain(None, DeedKind::Resealed);
        let tenant = ring.tenant().clone();
        entries.extend(row.map(|row| Entry { ring_id: row.id, tenant, deed, resealed: Some(resealed) }));
    }
    Ok(entries)
}

/// `None` when the row cannot be read.
fn half_of(key: &signing_key::Model, ring: Option<&key_ring::Model>) -> Option<PrivateHalf> {
    let ring = convert::name_of(ring?).ok()?;
    Some(PrivateHalf { ring, kid: key.kid.parse().ok()?, sealed: convert::sealed_of(key).ok()?? })
}
