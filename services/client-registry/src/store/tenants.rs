//! The tables `tenant` and `tenant_origin`.

use std::collections::HashMap;

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{Origin, TenantId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::{tenant, tenant_origin};
use super::errors::in_the_way;
use super::records::{row_of_tenant, tenant_of};
use crate::domain::tenant::Tenant;
use crate::domain::{Kind, RegistryError};

pub(super) async fn find(target: &impl ConnectionTrait, id: &str) -> Result<Option<Tenant>, RegistryError> {
    let Some(row) = tenant::Entity::find_by_id(id).one(target).await? else { return Ok(None) };
    let origins = origins_of(target, [row.id.clone()]).await?.remove(&row.id).unwrap_or_default();
    tenant_of(row, &origins).map(Some)
}

pub(super) async fn find_on(target: &impl ConnectionTrait, origin: &Origin) -> Result<Option<Tenant>, RegistryError> {
    match tenant_origin::Entity::find_by_id(origin.as_str()).one(target).await? {
        Some(row) => find(target, &row.tenant_id).await,
        None => Ok(None),
    }
}

pub(super) async fn list(
    target: &impl ConnectionTrait,
    after: Option<&str>,
    size: PageSize,
) -> Result<Page<Tenant>, RegistryError> {
    let mut query = tenant::Entity::find().order_by_asc(tenant::Column::Id).limit(size.and_one());
    if let Some(after) = after {
        query = query.filter(tenant::Column::Id.gt(after));
    }
    let rows = query.all(target).await?;
    let mut origins = origins_of(target, rows.iter().map(|row| row.id.clone())).await?;
    let tenants = rows.into_iter().map(|row| {
        let origins = origins.remove(&row.id).unwrap_or_default();
        tenant_of(row, &origins)
    });
    Ok(Page::cut(tenants.collect::<Result<_, _>>()?, size, |tenant| tenant.id.as_str()))
}

pub(super) async fn insert(target: &impl ConnectionTrait, tenant: &Tenant) -> Result<(), RegistryError> {
    let row = row_of_tenant(tenant).into_active_model();
    tenant::Entity::insert(row).exec_without_returning(target).await.map_err(in_the_way(Kind::Tenant))?;
    insert_origins(target, tenant).await
}

pub(super) async fn update(target: &impl ConnectionTrait, tenant: &Tenant) -> Result<(), RegistryError> {
    row_of_tenant(tenant).into_active_model().reset_all().update(target).await?;
    let held = tenant_origin::Column::TenantId.eq(tenant.id.as_str());
    tenant_origin::Entity::delete_many().filter(held).exec(target).await?;
    insert_origins(target, tenant).await
}

/// Everything of the tenant hangs on its row and goes with it.
pub(super) async fn delete(target: &impl ConnectionTrait, id: &TenantId) -> Result<(), RegistryError> {
    tenant::Entity::delete_by_id(id.as_str()).exec(target).await?;
    Ok(())
}

async fn insert_origins(target: &impl ConnectionTrait, tenant: &Tenant) -> Result<(), RegistryError> {
    let rows = (0..).zip(&tenant.origins).map(|(position, origin)| {
        let (origin, tenant_id) = (origin.to_string(), tenant.id.to_string());
        tenant_origin::Model { origin, tenant_id, position }.into_active_model()
    });
    let insert = tenant_origin::Entity::insert_many(rows);
    insert.exec_without_returning(target).await.map_err(in_the_way(Kind::Origin))?;
    Ok(())
}

/// Origins by tenant, in the tenant's order.
async fn origins_of(
    target: &impl ConnectionTrait,
    tenants: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<String>>, RegistryError> {
    let rows = tenant_origin::Entity::find()
        .filter(tenant_origin::Column::TenantId.is_in(tenants))
        .order_by_asc(tenant_origin::Column::Position)
        .all(target)
        .await?;
    let mut origins = HashMap::<_, Vec<_>>::new();
    for row in rows {
        origins.entry(row.tenant_id).or_default().push(row.origin);
    }
    Ok(origins)
}
