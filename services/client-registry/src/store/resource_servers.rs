//! The table `resource_server`.

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{Algorithm, Audience, TenantId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::resource_server;
use super::errors::in_the_way;
use super::records::{resource_server_of, row_of_resource_server};
use crate::domain::resource_server::ResourceServer;
use crate::domain::{Kind, RegistryError, ResourceServerId};

/// By id or identifier; no identifier has the form of an id, so there is one at most.
pub(super) async fn find(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    key: &Audience,
) -> Result<Option<ResourceServer>, RegistryError> {
    let named = match key.as_str().parse::<ResourceServerId>() {
        Ok(id) => resource_server::Column::Id.eq(id.as_str()),
        Err(_) => resource_server::Column::Identifier.eq(key.as_str()),
    };
    let of_tenant = resource_server::Column::TenantId.eq(tenant.as_str());
    let row = resource_server::Entity::find().filter(of_tenant).filter(named).one(target).await?;
    row.as_ref().map(resource_server_of).transpose()
}

pub(super) async fn find_by_id(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ResourceServerId,
) -> Result<Option<ResourceServer>, RegistryError> {
    let key = (tenant.to_string(), id.to_string());
    resource_server::Entity::find_by_id(key).one(target).await?.as_ref().map(resource_server_of).transpose()
}

pub(super) async fn list(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    after: Option<&str>,
    size: PageSize,
) -> Result<Page<ResourceServer>, RegistryError> {
    let mut query = resource_server::Entity::find()
        .filter(resource_server::Column::TenantId.eq(tenant.as_str()))
        .order_by_asc(resource_server::Column::Id)
        .limit(size.and_one());
    if let Some(after) = after {
        query = query.filter(resource_server::Column::Id.gt(after));
    }
    let apis = query.all(target).await?.iter().map(resource_server_of).collect::<Result<_, _>>()?;
    Ok(Page::cut(apis, size, |api| api.id.as_str()))
}

pub(super) async fn longest_lifetime(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    algorithm: Algorithm,
    api: Option<&str>,
) -> Result<Option<u32>, RegistryError> {
    let mut query = resource_server::Entity::find()
        .select_only()
        .column_as(resource_server::Column::LifetimeSeconds.max(), "longest")
        .filter(resource_server::Column::TenantId.eq(tenant.as_str()))
        .filter(resource_server::Column::Algorithm.eq(algorithm.as_str()));
    if let Some(api) = api {
        query = query.filter(resource_server::Column::Id.eq(api));
    }
    let longest = query.into_tuple::<Option<i32>>().one(target).await?.flatten();
    Ok(longest.and_then(|seconds| u32::try_from(seconds).ok()))
}

pub(super) async fn insert(target: &impl ConnectionTrait, api: &ResourceServer) -> Result<(), RegistryError> {
    let row = row_of_resource_server(api)?.into_active_model();
    let insert = resource_server::Entity::insert(row);
    insert.exec_without_returning(target).await.map_err(in_the_way(Kind::ResourceServer))?;
    Ok(())
}

pub(super) async fn update(target: &impl ConnectionTrait, api: &ResourceServer) -> Result<(), RegistryError> {
    row_of_resource_server(api)?.into_active_model().reset_all().update(target).await?;
    Ok(())
}

/// Its grants hang on its row and go with it.
pub(super) async fn delete(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ResourceServerId,
) -> Result<(), RegistryError> {
    resource_server::Entity::delete_by_id((tenant.to_string(), id.to_string())).exec(target).await?;
    Ok(())
}
