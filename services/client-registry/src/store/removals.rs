//! The table `ring_removal`: key rings owed to oblivion.

use mintage_oauth::TenantId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::ring_removal;
use super::records::read;
use crate::domain::RegistryError;
use crate::domain::ports::RingRemoval;

pub(super) async fn owe(target: &impl ConnectionTrait, rings: &RingRemoval) -> Result<(), RegistryError> {
    let key = [ring_removal::Column::TenantId, ring_removal::Column::ResourceServerId];
    ring_removal::Entity::insert(row_of(rings).into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(target)
        .await?;
    Ok(())
}

pub(super) async fn owed_by(target: &impl ConnectionTrait, tenant: &TenantId) -> Result<bool, RegistryError> {
    let of_tenant = ring_removal::Column::TenantId.eq(tenant.as_str());
    Ok(ring_removal::Entity::find().filter(of_tenant).count(target).await? > 0)
}

/// The first removal owed, held against other replicas until the transaction ends.
pub(super) async fn lock_first(target: &impl ConnectionTrait) -> Result<Option<RingRemoval>, RegistryError> {
    let first = ring_removal::Entity::find()
        .order_by_asc(ring_removal::Column::TenantId)
        .order_by_asc(ring_removal::Column::ResourceServerId)
        .limit(1)
        .lock_exclusive();
    first.one(target).await?.as_ref().map(removal_of).transpose()
}

pub(super) async fn settle(target: &impl ConnectionTrait, rings: &RingRemoval) -> Result<(), RegistryError> {
    let row = row_of(rings);
    ring_removal::Entity::delete_by_id((row.tenant_id, row.resource_server_id)).exec(target).await?;
    Ok(())
}

fn row_of(rings: &RingRemoval) -> ring_removal::Model {
    match rings {
        RingRemoval::Tenant(tenant) => {
            ring_removal::Model { tenant_id: tenant.to_string(), resource_server_id: EVERY.to_owned() }
        }
        RingRemoval::Api(tenant, api) => {
            ring_removal::Model { tenant_id: tenant.to_string(), resource_server_id: api.to_string() }
        }
    }
}

fn removal_of(row: &ring_removal::Model) -> Result<RingRemoval, RegistryError> {
    let tenant = read(&row.tenant_id)?;
    match row.resource_server_id.as_str() {
        EVERY => Ok(RingRemoval::Tenant(tenant)),
        api => Ok(RingRemoval::Api(tenant, read(api)?)),
    }
}

const EVERY: &str = "";
