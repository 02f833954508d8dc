//! The record of what was done: written in the transaction that did it, read latest first.

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::TenantId;
use mintage_store::StoreError;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::convert::{self, unreadable};
use super::entities::{key_fact, key_ring};
use super::{KeyStore, failed};
use crate::domain::{Author, Cause, Deed, DeedKind, PortError, Reason, RingName};

/// Something that was done, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Where it stands in the record; later ones have greater numbers.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// To which ring.
    pub ring: RingName,
    /// To which key of it; `None`: to the ring.
    pub kid: Option<String>,
    /// What; `None`: something that only a later release has a word for.
    pub kind: Option<DeedKind>,
    /// Who did it.
    pub by: String,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// What was moved, of a [`DeedKind::Resealed`].
    pub resealed: Option<ResealedHalves>,
    /// What it came to, in words, where the deed does not say it all.
    pub detail: Option<String>,
}

/// Private halves of a ring that went from one master key to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResealedHalves {
    /// How many.
    pub keys: u32,
    /// The id of the master key that sealed them before.
    pub from: String,
    /// The id of the one that seals them now.
    pub to: String,
}

impl KeyStore {
    /// What was done to the keys of a tenant: at most `limit` facts before the one of the number `before`.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn facts(&self, tenant: &TenantId, before: Option<i64>, limit: u64) -> Result<Vec<Fact>, PortError> {
        let mut wanted = key_fact::Entity::find()
            .find_also_related(key_ring::Entity)
            .filter(key_fact::Column::TenantId.eq(tenant.as_str()))
            .order_by_desc(key_fact::Column::Id)
            .limit(limit);
        if let Some(before) = before {
            wanted = wanted.filter(key_fact::Column::Id.lt(before));
        }
        let rows = wanted.all(self.database.connection()).await.map_err(failed)?;
        rows.into_iter().map(|(fact, ring)| fact_of(fact, ring.as_ref())).collect()
    }

    /// The number of the last fact of the removal of a tenant of this id by `remover`; `None`: there was none, as far as the
    /// record goes back. Rings of public keys go with their tenant alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_removal(&self, tenant: &TenantId, remover: &Author) -> Result<Option<i64>, PortError> {
        let last = key_fact::Entity::find()
            .select_only()
            .column(key_fact::Column::Id)
            .inner_join(key_ring::Entity)
            .filter(key_fact::Column::TenantId.eq(tenant.as_str()))
            .filter(key_fact::Column::Deed.is_in(OF_AN_END.map(DeedKind::as_str)))
            .filter(key_fact::Column::Author.eq(remover.to_string()))
            .filter(key_ring::Column::ResourceServerId.eq(""))
            .order_by_desc(key_fact::Column::Id)
            .into_tuple();
        last.one(self.database.connection()).await.map_err(failed)
    }
}

fn fact_of(row: key_fact::Model, ring: Option<&key_ring::Model>) -> Result<Fact, PortError> {
    let broken = || unreadable(format!("key fact {}", row.id));
    let ring = convert::name_of(ring.ok_or_else(broken)?)?;
    let kind = DeedKind::ALL.into_iter().find(|kind| kind.as_str() == row.deed);
    let resealed = resealed_of(&row);
    let key_fact::Model { id: number, kid, at, author: by, reason, detail, .. } = row;
    Ok(Fact { number, at: convert::instant(at), ring, kid, kind, by, reason, resealed, detail })
}

fn resealed_of(row: &key_fact::Model) -> Option<ResealedHalves> {
    let keys = u32::try_from(row.resealed_keys?).ok()?;
    Some(ResealedHalves { keys, from: row.resealed_from.clone()?, to: row.resealed_to.clone()? })
}

/// What is to be recorded of one ring.
pub(super) struct Entry {
    /// The number of its row.
    pub(super) ring_id: i64,
    /// Its tenant.
    pub(super) tenant: TenantId,
    /// What was done to it or one of its keys.
    pub(super) deed: Deed,
    /// What was moved, of a [`DeedKind::Resealed`].
    pub(super) resealed: Option<ResealedHalves>,
}

/// Writes down what was done, by whom and why.
pub(super) async fn record(
    entries: Vec<Entry>,
    cause: &Cause,
    at: Timestamp,
    transaction: &impl ConnectionTrait,
) -> Result<(), StoreError> {
    let rows: Vec<_> = entries.into_iter().map(|entry| row_of(entry, cause, at)).collect();
    for some in rows.chunks(ROWS_A_STATEMENT) {
        key_fact::Entity::insert_many(some.to_vec()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

fn row_of(entry: Entry, cause: &Cause, at: Timestamp) -> key_fact::ActiveModel {
    let Entry { ring_id, tenant, deed: Deed { kid, kind, detail }, resealed } = entry;
    let (keys, from, to) = match resealed {
        Some(ResealedHalves { keys, from, to }) => (i32::try_from(keys).ok(), Some(from), Some(to)),
        None => (None, None, None),
    };
    key_fact::ActiveModel {
        id: NotSet,
        ring_id: Set(ring_id),
        tenant_id: Set(tenant.to_string()),
        kid: Set(kid.as_ref().map(Kid::to_string)),
        deed: Set(kind.as_str().to_owned()),
        at: Set(at.unix_millis()),
        author: Set(cause.by.to_string()),
        reason: Set(cause.reason.as_ref().map(Reason::as_str).map(ToOwned::to_owned)),
        resealed_keys: Set(keys),
        resealed_from: Set(from),
        resealed_to: Set(to),
        detail: Set(detail.as_deref().map(ToOwned::to_owned)),
    }
}

/// What is recorded when a ring ends: its keys go, and with them what operators set of it. No service does any of it otherwise.
const OF_AN_END: [DeedKind; 3] = [DeedKind::Removed, DeedKind::Released, DeedKind::PolicySet];
/// Far below what either database takes as parameters of one statement.
const ROWS_A_STATEMENT: usize = 100;
