//! The table `client_grant`.

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{Audience, ClientId, Party, TenantId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use super::entities::{client, client_grant, resource_server};
use super::errors::in_the_way;
use super::records::{client_grant_of, read, row_of_client_grant};
use crate::domain::client_grant::ClientGrant;
use crate::domain::{ClientGrantId, Kind, RegistryError, ResourceServerId};

/// Which grants a list is of.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientGrantFilter {
    pub(crate) client: Option<ClientId>,
    pub(crate) audience: Option<Audience>,
}

pub(super) async fn find(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ClientGrantId,
) -> Result<Option<ClientGrant>, RegistryError> {
    let key = (tenant.to_string(), id.to_string());
    client_grant::Entity::find_by_id(key).one(target).await?.as_ref().map(client_grant_of).transpose()
}

pub(super) async fn find_between(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
    audience: &Audience,
) -> Result<Option<ClientGrant>, RegistryError> {
    let filter = ClientGrantFilter { client: Some(client.clone()), audience: Some(audience.clone()) };
    filtered(tenant, &filter).one(target).await?.as_ref().map(client_grant_of).transpose()
}

pub(super) async fn list(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    filter: &ClientGrantFilter,
    after: Option<&str>,
    size: PageSize,
) -> Result<Page<ClientGrant>, RegistryError> {
    let mut query = filtered(tenant, filter).order_by_asc(client_grant::Column::Id).limit(size.and_one());
    if let Some(after) = after {
        query = query.filter(client_grant::Column::Id.gt(after));
    }
    Ok(Page::cut(all(target, query).await?, size, |grant| grant.id.as_str()))
}

pub(super) async fn of_client(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
) -> Result<Vec<ClientGrant>, RegistryError> {
    let filter = ClientGrantFilter { client: Some(client.clone()), audience: None };
    all(target, filtered(tenant, &filter)).await
}

/// The client's grant for the API that the system made.
pub(super) async fn for_management(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
) -> Result<Option<ClientGrant>, RegistryError> {
    let management = resource_server::Entity::find()
        .select_only()
        .column(resource_server::Column::Id)
        .filter(resource_server::Column::TenantId.eq(tenant.as_str()))
        .filter(resource_server::Column::IsSystem.eq(true))
        .into_query();
    let filter = ClientGrantFilter { client: Some(client.clone()), audience: None };
    let held = filtered(tenant, &filter).filter(client_grant::Column::ResourceServerId.in_subquery(management));
    held.one(target).await?.as_ref().map(client_grant_of).transpose()
}

pub(super) async fn for_api(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    api: &ResourceServerId,
) -> Result<Vec<ClientGrant>, RegistryError> {
    all(target, at_api(tenant, api)).await
}

/// A third-party client with a grant for the API.
pub(super) async fn third_party_at(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    api: &ResourceServerId,
) -> Result<Option<ClientId>, RegistryError> {
    let third_parties = client::Entity::find()
        .select_only()
        .column(client::Column::ClientId)
        .filter(client::Column::TenantId.eq(tenant.as_str()))
        .filter(client::Column::Party.eq(Party::Third.as_str()))
        .into_query();
    let held = at_api(tenant, api).filter(client_grant::Column::ClientId.in_subquery(third_parties));
    held.one(target).await?.map(|grant| read(&grant.client_id)).transpose()
}

pub(super) async fn insert(target: &impl ConnectionTrait, grant: &ClientGrant) -> Result<(), RegistryError> {
    let row = row_of_client_grant(grant)?.into_active_model();
    let insert = client_grant::Entity::insert(row);
    insert.exec_without_returning(target).await.map_err(in_the_way(Kind::ClientGrant))?;
    Ok(())
}

pub(super) async fn update(target: &impl ConnectionTrait, grant: &ClientGrant) -> Result<(), RegistryError> {
    row_of_client_grant(grant)?.into_active_model().reset_all().update(target).await?;
    Ok(())
}

pub(super) async fn delete(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ClientGrantId,
) -> Result<(), RegistryError> {
    client_grant::Entity::delete_by_id((tenant.to_string(), id.to_string())).exec(target).await?;
    Ok(())
}

fn at_api(tenant: &TenantId, api: &ResourceServerId) -> Select<client_grant::Entity> {
    filtered(tenant, &ClientGrantFilter::default()).filter(client_grant::Column::ResourceServerId.eq(api.as_str()))
}

fn filtered(tenant: &TenantId, filter: &ClientGrantFilter) -> Select<client_grant::Entity> {
    let ClientGrantFilter { client, audience } = filter;
    let mut query = client_grant::Entity::find().filter(client_grant::Column::TenantId.eq(tenant.as_str()));
    if let Some(client) = client {
        query = query.filter(client_grant::Column::ClientId.eq(client.as_str()));
    }
    if let Some(audience) = audience {
        query = query.filter(client_grant::Column::Audience.eq(audience.as_str()));
    }
    query
}

async fn all(
    target: &impl ConnectionTrait,
    query: Select<client_grant::Entity>,
) -> Result<Vec<ClientGrant>, RegistryError> {
    query.all(target).await?.iter().map(client_grant_of).collect()
}
