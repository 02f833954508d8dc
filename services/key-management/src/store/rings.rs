//! The domain's port: rings are read whole and changed by compare-and-swap.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::TenantId;
use mintage_store::{CarriesStoreError, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::clearing::is_spent;
use super::convert::{self, SERVED};
use super::entities::{key_head, key_ring, signing_key};
use super::facts::{Entry, record};
use super::token_objects::become_key;
use super::{KeyStore, failed, refused};
use crate::domain::minting::Minted;
use crate::domain::ports::{Rings, Saved};
use crate::domain::{Change, Deed, Kept, Key, KeyState, PortError, Reason, Ring, RingError, RingName, Standing};

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

    async fn save(&self, change: &Change) -> Result<Saved, PortError> {
        let ring = &change.ring;
        // Owned: the compiler cannot see that an async closure over references is Send (rust-lang/rust#110338).
        let kept = change.clone();
        let saving = self.database.transaction(async move |transaction| swap(&kept, transaction).await);
        // Whoever asked is told that it is not known. What was sent to the database may still be kept, and be seen later: the
        // times in a change count only once it has been.
        let saved = tokio::time::timeout(LONGEST_SAVE, saving).await;
        match saved.map_err(|elapsed| PortError::Unavailable(Box::new(elapsed)))? {
            Ok(()) => {
                tell(change);
                Ok(Saved::Kept)
            }
            Err(SaveError::Overtaken) => {
                tracing::info!(ring = %ring.name(), version = ring.standing().version, "another change of the key ring came first");
                Ok(Saved::Overtaken)
            }
            Err(SaveError::GivenUp) => {
                tracing::warn!(ring = %ring.name(), "a key took so long to be made inside the token that it was given up");
                Ok(Saved::Overtaken)
            }
            Err(SaveError::Spent) => Err(PortError::Internal(Box::new(RingError::KidReused))),
            Err(SaveError::Store(error)) => Err(refused(error)),
        }
    }
}

impl KeyStore {
    /// The rings of a tenant that have not ended, each with its number: at most `limit` behind the number `after`.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn rings(
        &self,
        tenant: &TenantId,
        after: Option<i64>,
        limit: u64,
    ) -> Result<Vec<(i64, Ring)>, PortError> {
        let connection = self.database.connection();
        let mut alive = key_ring::Entity::find()
            .filter(key_ring::Column::TenantId.eq(tenant.as_str()))
            .filter(key_ring::Column::Ended.eq(false))
            .order_by_asc(key_ring::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            alive = alive.filter(key_ring::Column::Id.gt(after));
        }
        let rows = alive.all(connection).await.map_err(failed)?;
        let keys = served_keys(rows.iter().map(|row| row.id)).all(connection).await.map_err(failed)?;
        let ring = |row: &key_ring::Model| {
            let own = keys.iter().filter(|key| key.ring_id == row.id).cloned().collect();
            Ok((row.id, convert::ring_of(row, own)?))
        };
        rows.iter().map(ring).collect()
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

pub(super) fn named(name: &RingName) -> Select<key_ring::Entity> {
    key_ring::Entity::find()
        .filter(key_ring::Column::TenantId.eq(name.tenant().as_str()))
        .filter(key_ring::Column::Algorithm.eq(name.algorithm().as_str()))
        .filter(key_ring::Column::ResourceServerId.eq(convert::api_column(name)))
}

/// Says in the log what was done.
fn tell(change: &Change) {
    let (ring, by) = (change.ring.name(), &change.cause.by);
    let reason = change.cause.reason.as_ref().map_or("", Reason::as_str);
    for Deed { kid, kind, detail: _ } in &change.deeds {
        let kid = kid.as_ref().map_or("", Kid::as_str);
        tracing::info!(%ring, kid, deed = kind.as_str(), %by, reason, "a change of signing keys");
    }
}

async fn swap(change: &Change, transaction: &impl ConnectionTrait) -> Result<(), SaveError> {
    let Change { ring, minted, .. } = change;
    still_as_read(ring, transaction).await?;
    let revision = next_revision(transaction).await?;
    let ring_id = claim(ring, revision, transaction).await?;
    let mut keys: Vec<_> = ring.keys().iter().collect();
    keys.sort_by_key(|key| turn(key.state));
    for key in keys {
        match minted.iter().find(|minted| minted.key.kid == key.kid) {
            Some(minted) => insert(key, minted, (ring_id, revision), transaction).await?,
            None => update(key, transaction).await?,
        }
    }
    record(entries(change, ring_id), &change.cause, change.at, transaction).await?;
    Ok(())
}

/// Who is overtaken already does not wait for the counter, which all changes of all rings go by.
async fn still_as_read(ring: &Ring, transaction: &impl ConnectionTrait) -> Result<(), SaveError> {
    let row = named(ring.name()).one(transaction).await?;
    let kept = row.map_or(0, |row| convert::unsigned(row.version));
    if kept == ring.standing().version { Ok(()) } else { Err(SaveError::Overtaken) }
}

/// What a change did.
fn entries(change: &Change, ring_id: i64) -> Vec<Entry> {
    let tenant = change.ring.name().tenant();
    let entry = |deed: &Deed| Entry { ring_id, tenant: tenant.clone(), deed: deed.clone(), resealed: None };
    change.deeds.iter().map(entry).collect()
}

/// One key a ring is active, says an index: a key steps down before the next steps up.
const fn turn(state: KeyState) -> u8 {
    match state {
        KeyState::Retiring { .. } | KeyState::Removed | KeyState::Revoked => 0,
        KeyState::Active { .. } => 1,
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

/// Waits until no change of a ring is under way, and lets none begin before the end of `transaction`: where rows of keys are
/// written in another order than changes write them, one of both would have to give way; and of two who do the same, the second
/// finds it done.
pub(super) async fn alone(transaction: &impl ConnectionTrait) -> Result<(), StoreError> {
    key_head::Entity::find().lock_exclusive().one(transaction).await?;
    Ok(())
}

/// Raises the ring's version, if it still is the one that was read.
async fn claim(ring: &Ring, revision: i64, transaction: &impl ConnectionTrait) -> Result<i64, SaveError> {
    let Standing { version, own_policy, held_since } = ring.standing();
    if version == 0 {
        return insert_ring(ring, revision, transaction).await;
    }
    let row = named(ring.name()).one(transaction).await?.ok_or(SaveError::Overtaken)?;
    let [period, jitter, announce_window, retire_window, overdue] = convert::policy_columns(own_policy.as_ref());
    let swapped = key_ring::Entity::update_many()
        .col_expr(key_ring::Column::Version, Expr::col(key_ring::Column::Version).add(1))
        .col_expr(key_ring::Column::Revision, Expr::value(revision))
        .col_expr(key_ring::Column::Ended, Expr::value(ring.is_ended()))
        .col_expr(key_ring::Column::Period, Expr::value(period))
        .col_expr(key_ring::Column::Jitter, Expr::value(jitter))
        .col_expr(key_ring::Column::AnnounceWindow, Expr::value(announce_window))
        .col_expr(key_ring::Column::RetireWindow, Expr::value(retire_window))
        .col_expr(key_ring::Column::Overdue, Expr::value(overdue))
        .col_expr(key_ring::Column::HeldSince, Expr::value(held_since.map(Timestamp::unix_millis)))
        .filter(key_ring::Column::Id.eq(row.id))
        .filter(key_ring::Column::Version.eq(convert::signed(version)))
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
        ..Default::default()
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
    (ring_id, revision): (i64, i64),
    transaction: &impl ConnectionTrait,
) -> Result<(), SaveError> {
    let row = signing_key::ActiveModel {
        kid: Set(key.kid.to_string()),
        ring_id: Set(ring_id),
        state: Set(convert::state_column(key.state).to_owned()),
        created_at: Set(key.created_at.unix_millis()),
        since: Set(key.since.unix_millis()),
        ready_at: Set(convert::ready_column(key.state)),
        next_step_at: Set(convert::next_step_column(key.state)),
        expires_at: Set(convert::expires_column(key.state)),
        longest_token: Set(convert::longest_column(key.longest_token)),
        announced_in: Set(Some(revision)),
        unsettled: Set(Some(!key.settled)),
        jwk: Set(key.jwk.as_deref().map(ToOwned::to_owned)),
        ..kept_columns(&minted.kept)
    };
    signing_key::Entity::insert(row).exec_without_returning(transaction).await?;
    // After its row is there: whoever takes out that of an ended key of this name has either been waited for, or waits.
    if is_spent(key.kid.as_str(), transaction).await? {
        return Err(SaveError::Spent);
    }
    match &minted.kept {
        Kept::InToken(name) if !become_key(name, &key.kid, transaction).await? => Err(SaveError::GivenUp),
        _ => Ok(()),
    }
}

fn kept_columns(kept: &Kept) -> signing_key::ActiveModel {
    let none = signing_key::ActiveModel::default();
    match kept {
        Kept::Sealed(sealed) => signing_key::ActiveModel {
            sealed_under: Set(Some(sealed.key_id.clone())),
            sealed_nonce: Set(Some(sealed.nonce.to_vec())),
            sealed_private: Set(Some(sealed.ciphertext.clone())),
            ..none
        },
        Kept::InToken(name) => signing_key::ActiveModel { token_object: Set(Some(name.to_string())), ..none },
    }
}

async fn update(key: &Key, transaction: &impl ConnectionTrait) -> Result<(), StoreError> {
    let mut row = signing_key::ActiveModel {
        state: Set(convert::state_column(key.state).to_owned()),
        since: Set(key.since.unix_millis()),
        ready_at: Set(convert::ready_column(key.state)),
        next_step_at: Set(convert::next_step_column(key.state)),
        expires_at: Set(convert::expires_column(key.state)),
        longest_token: Set(convert::longest_column(key.longest_token)),
        unsettled: Set(Some(!key.settled)),
        ..Default::default()
    };
    if !key.state.is_served() {
        row.sealed_under = Set(None);
        row.sealed_nonce = Set(None);
        row.sealed_private = Set(None);
        row.token_object = Set(None);
    }
    let kept = signing_key::Entity::update_many().set(row).filter(signing_key::Column::Kid.eq(key.kid.as_str()));
    kept.exec(transaction).await?;
    Ok(())
}

/// How long one waits for a change to be kept.
const LONGEST_SAVE: Duration = Duration::from_secs(5);

/// Why a change was not kept.
#[derive(Debug)]
enum SaveError {
    Overtaken,
    /// What was made inside a token is to be destroyed there.
    GivenUp,
    /// A key of this name was there before.
    Spent,
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
            Self::Overtaken | Self::GivenUp | Self::Spent => None,
            Self::Store(error) => Some(error),
        }
    }
}
