//! Keys for people who look at them, ended ones too.

use mintage_jose::Kid;
use mintage_oauth::TenantId;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, SelectTwo};

use super::convert::{self, SERVED, unreadable};
use super::entities::{key_ring, signing_key};
use super::{KeyStore, failed};
use crate::domain::{Key, PortError, RingName};

/// A key and the ring it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The ring.
    pub ring: RingName,
    /// The key.
    pub key: Key,
}

/// Which keys to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Whose.
    pub tenant: TenantId,
    /// The last key of the page before; `None` for the first page.
    pub after: Option<Kid>,
    /// Also removed and revoked ones.
    pub include_ended: bool,
    /// How many at most.
    pub limit: u64,
}

impl KeyStore {
    /// One key of a tenant.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn key(&self, tenant: &TenantId, kid: &Kid) -> Result<Option<ListedKey>, PortError> {
        self.row(tenant, kid).await?.map(listed).transpose()
    }

    /// Keys ring by ring, oldest first; `None` when `after` is no key of the tenant.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn list(&self, listing: &Listing) -> Result<Option<Vec<ListedKey>>, PortError> {
        let mut wanted = of_tenant(&listing.tenant);
        if let Some(kid) = &listing.after {
            let Some((last, _)) = self.row(&listing.tenant, kid).await? else { return Ok(None) };
            wanted = wanted.filter(after(&last));
        }
        if !listing.include_ended {
            wanted = wanted.filter(signing_key::Column::State.is_in(SERVED));
        }
        let page = wanted
            .order_by_asc(signing_key::Column::RingId)
            .order_by_asc(signing_key::Column::CreatedAt)
            .order_by_asc(signing_key::Column::Kid)
            .limit(listing.limit);
        let rows = page.all(self.database.connection()).await.map_err(failed)?;
        rows.into_iter().map(listed).collect::<Result<_, _>>().map(Some)
    }

    async fn row(&self, tenant: &TenantId, kid: &Kid) -> Result<Option<Row>, PortError> {
        let named = of_tenant(tenant).filter(signing_key::Column::Kid.eq(kid.as_str()));
        named.one(self.database.connection()).await.map_err(failed)
    }
}

type Row = (signing_key::Model, Option<key_ring::Model>);

fn of_tenant(tenant: &TenantId) -> SelectTwo<signing_key::Entity, key_ring::Entity> {
    let keys: Select<signing_key::Entity> = signing_key::Entity::find();
    keys.find_also_related(key_ring::Entity).filter(key_ring::Column::TenantId.eq(tenant.as_str()))
}

fn after(last: &signing_key::Model) -> Condition {
    let same_time = Condition::all()
        .add(signing_key::Column::CreatedAt.eq(last.created_at))
        .add(signing_key::Column::Kid.gt(last.kid.as_str()));
    let later = Condition::any().add(signing_key::Column::CreatedAt.gt(last.created_at)).add(same_time);
    let same_ring = Condition::all().add(signing_key::Column::RingId.eq(last.ring_id)).add(later);
    Condition::any().add(signing_key::Column::RingId.gt(last.ring_id)).add(same_ring)
}

fn listed((key, ring): Row) -> Result<ListedKey, PortError> {
    let ring = ring.ok_or_else(|| unreadable(format!("signing key {}", key.kid)))?;
    Ok(ListedKey { ring: convert::name_of(&ring)?, key: convert::key_of(key)? })
}
