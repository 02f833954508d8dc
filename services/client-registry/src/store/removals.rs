//! The table `ring_removal`: key rings owed to oblivion.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::sea_query::{OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::ring_removal;
use super::records::read;
use super::{resource_servers, tenants};
use crate::domain::RegistryError;
use crate::domain::ports::RingRemoval;

/// Notes the removal, or gives the one that is noted another time. What is owed of a whole tenant stands for its APIs too.
pub(super) async fn owe(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    due: Timestamp,
) -> Result<(), RegistryError> {
    note(target, rings, due, false).await
}

/// As [`owe`], before the rings are made. Whoever makes them next may take the note over.
pub(super) async fn owe_unless_written(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    due: Timestamp,
) -> Result<(), RegistryError> {
    note(target, rings, due, true).await
}

async fn note(
    target: &impl ConnectionTrait,
    rings: &RingRemoval,
    due: Timestamp,
    making: bool,
) -> Result<(), RegistryError> {
    if let RingRemoval::Tenant(tenant) = rings {
        ring_removal::Entity::delete_many().filter(of(tenant)).exec(target).await?;
    }
    let key = [ring_removal::Column::TenantId, ring_removal::Column::ResourceServerId];
    let said = [ring_removal::Column::DueAt, ring_removal::Column::Making];
    ring_removal::Entity::insert(row_of(rings, due, making).into_active_model())
        .on_conflict(OnConflict::columns(key).update_columns(said).to_owned())
        .exec_without_returning(target)
        .await?;
    Ok(())
}

/// Whether rings that were in use are to go. Those that somebody was about to make for the tenant are not among them.
pub(super) async fn owed_by(target: &impl ConnectionTrait, tenant: &TenantId) -> Result<bool, RegistryError> {
    let owed = ring_removal::Entity::find().filter(of(tenant)).filter(ring_removal::Column::Making.eq(false));
    Ok(owed.count(target).await? > 0)
}

/// The first removal that is due, held against other replicas until the transaction ends.
pub(super) async fn lock_first_due(
    target: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<Option<RingRemoval>, RegistryError> {
    let first = ring_removal::Entity::find()
        .filter(ring_removal::Column::DueAt.lte(now.unix_millis()))
        .order_by_asc(ring_removal::Column::TenantId)
        .order_by_asc(ring_removal::Column::ResourceServerId)
        .limit(1)
        .lock_exclusive();
    first.one(target).await?.as_ref().map(removal_of).transpose()
}

/// What is really to be removed, now that it is due: a ring in use is not, nor is one whose tenant is just being made.
pub(super) async fn unneeded(
    target: &impl ConnectionTrait,
    rings: RingRemoval,
) -> Result<Option<RingRemoval>, RegistryError> {
    let tenant = rings.tenant().clone();
    let gone = tenants::find(target, tenant.as_str()).await?.is_none();
    match rings {
        RingRemoval::Tenant(_) => Ok(gone.then_some(rings)),
        RingRemoval::Api(_, _) if gone => {
            let whole = RingRemoval::Tenant(tenant);
            let key = key_of(&whole);
            let noted = ring_removal::Entity::find_by_id(key).one(target).await?.is_some();
            Ok((!noted).then_some(whole))
        }
        RingRemoval::Api(_, ref api) => {
            let api = resource_servers::find_by_id(target, &tenant, api).await?;
            Ok((!api.is_some_and(|api| api.terms.algorithm.is_symmetric())).then_some(rings))
        }
    }
}

/// Forgets the removal; tells whether it was still noted.
pub(super) async fn forget(target: &impl ConnectionTrait, rings: &RingRemoval) -> Result<bool, RegistryError> {
    Ok(ring_removal::Entity::delete_by_id(key_of(rings)).exec(target).await?.rows_affected > 0)
}

fn of(tenant: &TenantId) -> SimpleExpr {
    ring_removal::Column::TenantId.eq(tenant.as_str())
}

fn row_of(rings: &RingRemoval, due: Timestamp, making: bool) -> ring_removal::Model {
    let (tenant_id, resource_server_id) = key_of(rings);
    ring_removal::Model { tenant_id, resource_server_id, due_at: due.unix_millis(), making }
}

fn key_of(rings: &RingRemoval) -> (String, String) {
    match rings {
        RingRemoval::Tenant(tenant) => (tenant.to_string(), EVERY.to_owned()),
        RingRemoval::Api(tenant, api) => (tenant.to_string(), api.to_string()),
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
