//! The tables `client` and `client_secret`.

use std::collections::{HashMap, HashSet};

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{ClientId, Party, TenantId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entities::{client, client_secret};
use super::errors::in_the_way;
use super::records::{client_of, row_of_client, row_of_secret, secret_of};
use crate::domain::client::{Client, Secret, SecretUse};
use crate::domain::{Kind, RegistryError};

pub(super) async fn find(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ClientId,
) -> Result<Option<Client>, RegistryError> {
    let key = (tenant.to_string(), id.to_string());
    let Some(row) = client::Entity::find_by_id(key).one(target).await? else { return Ok(None) };
    let secrets = secrets_of(target, tenant, [row.client_id.clone()]).await?.remove(&row.client_id);
    client_of(&row, secrets.unwrap_or_default()).map(Some)
}

pub(super) async fn list(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    after: Option<&str>,
    size: PageSize,
) -> Result<Page<Client>, RegistryError> {
    let mut query = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.as_str()))
        .order_by_asc(client::Column::ClientId)
        .limit(size.and_one());
    if let Some(after) = after {
        query = query.filter(client::Column::ClientId.gt(after));
    }
    let rows = query.all(target).await?;
    let mut secrets = secrets_of(target, tenant, rows.iter().map(|row| row.client_id.clone())).await?;
    let clients = rows.into_iter().map(|row| {
        let secrets = secrets.remove(&row.client_id).unwrap_or_default();
        client_of(&row, secrets)
    });
    Ok(Page::cut(clients.collect::<Result<_, _>>()?, size, |client| client.id.as_str()))
}

/// The names of all clients that are the tenant's own.
pub(super) async fn first_party_names(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
) -> Result<Vec<String>, RegistryError> {
    let names = client::Entity::find()
        .select_only()
        .column(client::Column::Name)
        .filter(client::Column::TenantId.eq(tenant.as_str()))
        .filter(client::Column::Party.eq(Party::First.as_str()));
    Ok(names.into_tuple().all(target).await?)
}

pub(super) async fn insert(target: &impl ConnectionTrait, client: &Client) -> Result<(), RegistryError> {
    let row = row_of_client(client)?.into_active_model();
    client::Entity::insert(row).exec_without_returning(target).await.map_err(in_the_way(Kind::Client))?;
    insert_secrets(target, client, &HashSet::new()).await
}

/// Secrets that are held already stay as they are: a use may be noted meanwhile.
pub(super) async fn update(target: &impl ConnectionTrait, client: &Client) -> Result<(), RegistryError> {
    row_of_client(client)?.into_active_model().reset_all().update(target).await?;
    let kept: Vec<_> = client.secrets.iter().map(|secret| secret.id.to_string()).collect();
    let gone = secrets_held(&client.tenant, [client.id.to_string()]).add(client_secret::Column::Id.is_not_in(kept));
    client_secret::Entity::delete_many().filter(gone).exec(target).await?;
    let held = client_secret::Entity::find().filter(secrets_held(&client.tenant, [client.id.to_string()]));
    let held = held.all(target).await?.into_iter().map(|row| row.id).collect();
    insert_secrets(target, client, &held).await
}

/// Its secrets and grants hang on its row and go with it.
pub(super) async fn delete(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ClientId,
) -> Result<(), RegistryError> {
    client::Entity::delete_by_id((tenant.to_string(), id.to_string())).exec(target).await?;
    Ok(())
}

/// Notes the use, unless a later one is known or the secret is gone.
pub(super) async fn note_use(target: &impl ConnectionTrait, used: &SecretUse) -> Result<(), RegistryError> {
    let at = used.used_at.unix_millis();
    let unknown = client_secret::Column::LastUsedAt.is_null().or(client_secret::Column::LastUsedAt.lt(at));
    client_secret::Entity::update_many()
        .col_expr(client_secret::Column::LastUsedAt, Expr::value(at))
        .filter(client_secret::Column::Id.eq(used.secret.as_str()))
        .filter(client_secret::Column::TenantId.eq(used.tenant.as_str()))
        .filter(unknown)
        .exec(target)
        .await?;
    Ok(())
}

async fn insert_secrets(
    target: &impl ConnectionTrait,
    client: &Client,
    held: &HashSet<String>,
) -> Result<(), RegistryError> {
    for secret in client.secrets.iter().filter(|secret| !held.contains(secret.id.as_str())) {
        let row = row_of_secret(client, secret)?.into_active_model();
        client_secret::Entity::insert(row).exec_without_returning(target).await?;
    }
    Ok(())
}

/// Secrets by client, oldest first.
async fn secrets_of(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    clients: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<Secret>>, RegistryError> {
    let rows = client_secret::Entity::find()
        .filter(secrets_held(tenant, clients))
        .order_by_asc(client_secret::Column::CreatedAt)
        .order_by_asc(client_secret::Column::Id)
        .all(target)
        .await?;
    let mut secrets = HashMap::<_, Vec<_>>::new();
    for row in rows {
        secrets.entry(row.client_id.clone()).or_default().push(secret_of(row)?);
    }
    Ok(secrets)
}

fn secrets_held(tenant: &TenantId, clients: impl IntoIterator<Item = String>) -> Condition {
    Condition::all()
        .add(client_secret::Column::TenantId.eq(tenant.as_str()))
        .add(client_secret::Column::ClientId.is_in(clients))
}
