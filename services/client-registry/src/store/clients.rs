//! The tables `client` and `client_secret`.

use std::collections::{HashMap, HashSet};

use mintage_chassis::paging::{Page, PageSize};
use mintage_oauth::{ClientId, Party, TenantId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entities::{client, client_secret, registration};
use super::errors::in_the_way;
use super::records::{client_of, row_of_client, row_of_secret, secret_of};
use crate::domain::client::{Client, Secret, SecretUse};
use crate::domain::{Kind, RegistryError, looks_like};

pub(super) async fn find(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    id: &ClientId,
) -> Result<Option<Client>, RegistryError> {
    let key = (tenant.to_string(), id.to_string());
    let Some(row) = client::Entity::find_by_id(key).one(target).await? else { return Ok(None) };
    let secrets = secrets_of(target, tenant, [row.client_id.clone()]).await?.remove(&row.client_id);
    let registered = registered_of(target, tenant, std::slice::from_ref(&row)).await?;
    client_of(&row, secrets.unwrap_or_default(), registered.contains(&row.client_id)).map(Some)
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
    let registered = registered_of(target, tenant, &rows).await?;
    let clients = rows.into_iter().map(|row| {
        let secrets = secrets.remove(&row.client_id).unwrap_or_default();
        client_of(&row, secrets, registered.contains(&row.client_id))
    });
    Ok(Page::cut(clients.collect::<Result<_, _>>()?, size, |client| client.id.as_str()))
}

/// Whether a client has a name that looks so and did not register itself. Names of which a replica of an older release did not
/// say how they look are looked at one by one.
pub(super) async fn is_taken_by_an_operators(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    looks: &str,
) -> Result<bool, RegistryError> {
    let of = |column: registration::Column| Expr::col((registration::Entity, column));
    let mut registered = Query::select();
    registered
        .expr(Expr::val(1))
        .from(registration::Entity)
        .and_where(of(registration::Column::TenantId).equals((client::Entity, client::Column::TenantId)))
        .and_where(of(registration::Column::ClientId).equals((client::Entity, client::Column::ClientId)));
    let of_operators = client::Entity::find()
        .select_only()
        .column(client::Column::Name)
        .filter(client::Column::TenantId.eq(tenant.as_str()))
        .filter(Expr::exists(registered.take()).not());
    let said = of_operators.clone().filter(client::Column::Looks.eq(looks)).limit(1);
    if said.into_tuple::<String>().one(target).await?.is_some() {
        return Ok(true);
    }
    let unsaid = of_operators.filter(client::Column::Looks.is_null());
    let unsaid: Vec<String> = unsaid.into_tuple().all(target).await?;
    Ok(unsaid.iter().any(|name| looks_like(name) == looks))
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

/// Which of these clients registered themselves. First parties never did.
async fn registered_of(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    rows: &[client::Model],
) -> Result<HashSet<String>, RegistryError> {
    let third: Vec<_> =
        rows.iter().filter(|row| row.party == Party::Third.as_str()).map(|row| &row.client_id).collect();
    if third.is_empty() {
        return Ok(HashSet::new());
    }
    let ids = registration::Entity::find()
        .select_only()
        .column(registration::Column::ClientId)
        .filter(registration::Column::TenantId.eq(tenant.as_str()))
        .filter(registration::Column::ClientId.is_in(third));
    Ok(ids.into_tuple::<String>().all(target).await?.into_iter().collect())
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
