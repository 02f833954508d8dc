//! The domain's port: rings are read whole and changed by compare-and-swap.

use std::time::Duration;

use mintage_oauth::TenantId;
use mintage_store::{CarriesStoreError, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::convert::{self, SERVED};
use super::entities::{key_head, key_ring, signing_key};
use super::{KeyStore, failed, refused};
use crate::domain::minting::Minted;
use crate::domain::ports::{Rings, Saved};
use crate::domain::{Key, KeyState, PortError, Ring, RingName};

impl Rings for KeyStore {
    async fn find(&self, name: &RingName) -> Result<Option<Ring>, PortError> {
        let connection = self.database.connection();
        // The ring before its keys: keys newer than the version read make the swap fail, older ones would not.
        let Some(row) = named(name).one(connection).await.map_err(failed)? else { return Ok(None) };
        let keys = served_keys([row.id]).all(connection).await.map_err(failed)?;
        Ok(Some(convert::ring_of(&row, keys)?))
    }

    async fn names(&self, tenant: &TenantId) -> Result<Vec<RingName>, PortError> {
        let alive = key_ring::Entity::find()
            .filter(key_ring::Column::TenantId.eq(tenant.as_str()))
            .filter(key_ring::Column::Ended.eq(false))
            .order_by_asc(key_ring::Column::Id);
        let rows = alive.all(self.database.connection()).await.map_err(failed)?;
        Ok(rows.iter().map(convert::name_of).collect::<Result<_, _>>()?)
    }

    async fn save(&self, ring: &Ring, minted: &[Minted]) -> Result<Saved, PortError> {
        // Owned: the compiler cannot see that an async closure over references is Send (rust-lang/rust#110338).
        let (kept, new) = (ring.clone(), minted.to_vec());
        let saving = self.database.transaction(async move |transaction| swap(&kept, &new, transaction).await);
        // A key counts as announced from before it is kept: what takes longer than this must not be kept.
        let saved = tokio::time::timeout(SAVE_WITHIN, saving).await;
        match saved.map_err(|elapsed| PortError::Unavailable(Box::new(elapsed)))? {
            Ok(()) => Ok(Saved::Kept),
            Err(SaveError::Overtaken) => {
                tracing::info!(ring = %ring.name(), version = ring.version(), "another change of the key ring came first");
                Ok(Saved::Overtaken)
            }
            Err(SaveError::Store(error)) => Err(refused(error)),
        }
    }
}

/// The served keys of rings, oldest first.
pub(super) fn served_keys(rings: impl IntoIterator<Item = i64>) -> Select<signing_key::Entity> {
    signing_key::Entity::find()
        .filter(signing_key::Column::RingId.is_in(rings))
        .filter(signing_key::Column::State.is_in(SERVED))
        .order_by_asc(signing_key::Column::CreatedAt)
        .order_by_asc(signing_key::Column::Kid)
}

fn named(name: &RingName) -> Select<key_ring::Entity> {
    key_ring::Entity::find()
        .filter(key_ring::Column::TenantId.eq(name.tenant().as_str()))
        .filter(key_ring::Column::Algorithm.eq(name.algorithm().as_str()))
        .filter(key_ring::Column::ResourceServerId.eq(convert::api_column(name)))
}

async fn swap(ring: &Ring, minted: &[Minted], transaction: &impl ConnectionTrait) -> Result<(), SaveError> {
    let revision = next_revision(transaction).await?;
    let ring_id = claim(ring, revision, transaction).await?;
    let mut keys: Vec<_> = ring.keys().iter().collect();
    keys.sort_by_key(|key| turn(key.state));
    for key in keys {
        match minted.iter().find(|minted| minted.key.kid == key.kid) {
            Some(minted) => insert(key, minted, ring_id, transaction).await?,
            None => update(key, transaction).await?,
        }
    }
    Ok(())
}

/// One key a ring is active and one is announced, say two indexes: a key steps down before the next steps up.
const fn turn(state: KeyState) -> u8 {
    match state {
        KeyState::Retiring { .. } | KeyState::Removed | KeyState::Revoked => 0,
        KeyState::Active => 1,
        KeyState::Pending { .. } => 2,
    }
}

/// Counts on; whoever changes a ring waits here for the one before, so that revisions become visible in order.
async fn next_revision(transaction: &impl ConnectionTrait) -> Result<i64, StoreError> {
    key_head::Entity::update_many()
        .col_expr(key_head::Column::Revision, Expr::col(key_head::Column::Revision).add(1))
        .exec(transaction)
        .await?;
    let head = key_head::Entity::find().one(transaction).await?;
    Ok(head.map_or(0, |head| head.revision))
}

/// Raises the ring's version, if it still is the one that was read.
async fn claim(ring: &Ring, revision: i64, transaction: &impl ConnectionTrait) -> Result<i64, SaveError> {
    if ring.version() == 0 {
        return insert_ring(ring, revision, transaction).await;
    }
    let row = named(ring.name()).one(transaction).await?.ok_or(SaveError::Overtaken)?;
    let swapped = key_ring::Entity::update_many()
        .col_expr(key_ring::Column::Version, Expr::col(key_ring::Column::Version).add(1))
        .col_expr(key_ring::Column::Revision, Expr::value(revision))
        .col_expr(key_ring::Column::Ended, Expr::value(ring.is_ended()))
        .filter(key_ring::Column::Id.eq(row.id))
        .filter(key_ring::Column::Version.eq(convert::signed(ring.version())))
        .exec(transaction)
        .await?;
    if swapped.rows_affected == 1 { Ok(row.id) } else { Err(SaveError::Overtaken) }
}

async fn insert_ring(ring: &Ring, revision: i64, transaction: &impl ConnectionTrait) -> Result<i64, SaveError> {
    let row = key_ring::ActiveModel {
        id: NotSet,
        tenant_id: Set(ring.name().tenant().to_string()),
        algorithm: Set(ring.name().algorithm().to_string()),
        resource_server_id: Set(convert::api_column(ring.name()).to_owned()),
        version: Set(1),
        revision: Set(revision),
        ended: Set(ring.is_ended()),
    };
    match key_ring::Entity::insert(row).exec(transaction).await.map_err(StoreError::from) {
        Ok(inserted) => Ok(inserted.last_insert_id),
        Err(StoreError::Conflict(_)) => Err(SaveError::Overtaken),
        Err(error) => Err(error.into()),
    }
}

async fn insert(
    key: &Key,
    minted: &Minted,
    ring_id: i64,
    transaction: &impl ConnectionTrait,
) -> Result<(), StoreError> {
    let row = signing_key::ActiveModel {
        kid: Set(key.kid.to_string()),
        ring_id: Set(ring_id),
        state: Set(convert::state_column(key.state).to_owned()),
        created_at: Set(key.created_at.unix_millis()),
        since: Set(key.since.unix_millis()),
        ready_at: Set(convert::ready_column(key.state)),
        next_step_at: Set(convert::next_step_column(key.state)),
        jwk: Set(key.jwk.as_deref().map(ToOwned::to_owned)),
        sealed_under: Set(Some(minted.sealed.key_id.clone())),
        sealed_nonce: Set(Some(minted.sealed.nonce.to_vec())),
        sealed_private: Set(Some(minted.sealed.ciphertext.clone())),
    };
    signing_key::Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(())
}

async fn update(key: &Key, transaction: &impl ConnectionTrait) -> Result<(), StoreError> {
    let mut row = signing_key::ActiveModel {
        state: Set(convert::state_column(key.state).to_owned()),
        since: Set(key.since.unix_millis()),
        ready_at: Set(convert::ready_column(key.state)),
        next_step_at: Set(convert::next_step_column(key.state)),
        ..Default::default()
    };
    if !key.state.is_served() {
        row.sealed_under = Set(None);
        row.sealed_nonce = Set(None);
        row.sealed_private = Set(None);
    }
    let kept = signing_key::Entity::update_many().set(row).filter(signing_key::Column::Kid.eq(key.kid.as_str()));
    kept.exec(transaction).await?;
    Ok(())
}

/// Why a change was not kept.
#[derive(Debug)]
enum SaveError {
    Overtaken,
    Store(StoreError),
}

impl From<StoreError> for SaveError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sea_orm::DbErr> for SaveError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl CarriesStoreError for SaveError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Overtaken => None,
            Self::Store(error) => Some(error),
        }
    }
}

const SAVE_WITHIN: Duration = Duration::from_secs(5);
