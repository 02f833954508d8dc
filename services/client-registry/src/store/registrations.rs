//! The tables `registration` and `initial_access_token`.

use mintage_clock::Timestamp;
use mintage_oauth::{ClientId, SecretHash, TenantId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::entities::{client_grant, initial_access_token, registration};
use super::errors::in_the_way;
use super::records::{read, unreadable};
use crate::domain::ports::NewRegistration;
use crate::domain::registration::InitialAccess;
use crate::domain::{Kind, RegistryError};

/// The hash of what manages the client, if it registered itself.
pub(super) async fn find(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
) -> Result<Option<SecretHash>, RegistryError> {
    let key = (tenant.to_string(), client.to_string());
    let Some(row) = registration::Entity::find_by_id(key).one(target).await? else { return Ok(None) };
    let scheme = u32::try_from(row.scheme).map_err(unreadable)?;
    SecretHash::from_stored(scheme, &row.hash).map(Some).map_err(unreadable)
}

pub(super) async fn count(target: &impl ConnectionTrait, tenant: &TenantId) -> Result<u64, RegistryError> {
    let of_tenant = registration::Column::TenantId.eq(tenant.as_str());
    Ok(registration::Entity::find().filter(of_tenant).count(target).await?)
}

/// How many clients of the tenant registered themselves from there since the moment, and are there still.
pub(super) async fn count_from(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    source: &SecretHash,
    since: Timestamp,
) -> Result<u64, RegistryError> {
    let from_there = registration::Entity::find()
        .filter(registration::Column::TenantId.eq(tenant.as_str()))
        .filter(registration::Column::Source.eq(source.as_bytes().to_vec()))
        .filter(registration::Column::CreatedAt.gt(since.unix_millis()));
    Ok(from_there.count(target).await?)
}

/// Whether it registered itself, and no user ever let it act.
pub(super) async fn is_unused(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
) -> Result<bool, RegistryError> {
    let key = (tenant.to_string(), client.to_string());
    let row = registration::Entity::find_by_id(key).one(target).await?;
    Ok(row.is_some_and(|row| row.used_at.is_none()))
}

/// Notes the first use.
pub(super) async fn note_use(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    client: &ClientId,
    at: Timestamp,
) -> Result<(), RegistryError> {
    registration::Entity::update_many()
        .col_expr(registration::Column::UsedAt, Expr::value(at.unix_millis()))
        .filter(registration::Column::TenantId.eq(tenant.as_str()))
        .filter(registration::Column::ClientId.eq(client.as_str()))
        .filter(registration::Column::UsedAt.is_null())
        .exec(target)
        .await?;
    Ok(())
}

/// Some of those that were registered until the moment and that nobody relies on, the oldest first.
pub(super) async fn unused(
    target: &impl ConnectionTrait,
    until: Timestamp,
    at_most: u64,
) -> Result<Vec<(TenantId, ClientId)>, RegistryError> {
    let rows = registration::Entity::find()
        .filter(nobody_relies_on_it())
        .filter(registration::Column::CreatedAt.lte(until.unix_millis()))
        .order_by_asc(registration::Column::CreatedAt)
        .limit(at_most);
    rows.all(target).await?.iter().map(|row| Ok((read(&row.tenant_id)?, read(&row.client_id)?))).collect()
}

/// No user let it act, and no operator granted it anything for itself.
fn nobody_relies_on_it() -> Condition {
    let of = |column: client_grant::Column| Expr::col((client_grant::Entity, column));
    let mut granted = Query::select();
    granted
        .expr(Expr::val(1))
        .from(client_grant::Entity)
        .and_where(of(client_grant::Column::TenantId).equals((registration::Entity, registration::Column::TenantId)))
        .and_where(of(client_grant::Column::ClientId).equals((registration::Entity, registration::Column::ClientId)));
    Condition::all().add(registration::Column::UsedAt.is_null()).add(Expr::exists(granted.take()).not())
}

pub(super) async fn insert(target: &impl ConnectionTrait, new: &NewRegistration<'_>) -> Result<(), RegistryError> {
    let NewRegistration { client, hash, source, now } = *new;
    let row = registration::Model {
        tenant_id: client.tenant.to_string(),
        client_id: client.id.to_string(),
        scheme: i32::try_from(hash.scheme()).map_err(unreadable)?,
        hash: hash.as_bytes().to_vec(),
        created_at: now.unix_millis(),
        source: Some(source.as_bytes().to_vec()),
        used_at: None,
    };
    let insert = registration::Entity::insert(row.into_active_model());
    insert.exec_without_returning(target).await.map_err(in_the_way(Kind::Client))?;
    Ok(())
}

/// Takes one use in one statement, so that no use is taken twice.
pub(super) async fn use_initial_access(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    presented: &SecretHash,
    now: Timestamp,
) -> Result<bool, RegistryError> {
    let used = initial_access_token::Entity::update_many()
        .col_expr(initial_access_token::Column::UsesLeft, Expr::col(initial_access_token::Column::UsesLeft).sub(1))
        .filter(usable(tenant, presented, now)?)
        .exec(target)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Whether it could be used now.
pub(super) async fn is_usable(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    presented: &SecretHash,
    now: Timestamp,
) -> Result<bool, RegistryError> {
    let usable = usable(tenant, presented, now)?;
    Ok(initial_access_token::Entity::find().filter(usable).count(target).await? > 0)
}

pub(super) async fn count_initial_accesses(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
) -> Result<u64, RegistryError> {
    let of_tenant = initial_access_token::Column::TenantId.eq(tenant.as_str());
    Ok(initial_access_token::Entity::find().filter(of_tenant).count(target).await?)
}

pub(super) async fn forget_spent(
    target: &impl ConnectionTrait,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<(), RegistryError> {
    let ended = initial_access_token::Column::NotAfter.lte(now.unix_millis());
    let spent = Condition::any().add(ended).add(initial_access_token::Column::UsesLeft.lte(0));
    initial_access_token::Entity::delete_many()
        .filter(initial_access_token::Column::TenantId.eq(tenant.as_str()))
        .filter(spent)
        .exec(target)
        .await?;
    Ok(())
}

pub(super) async fn insert_initial_access(
    target: &impl ConnectionTrait,
    access: &InitialAccess,
) -> Result<(), RegistryError> {
    let InitialAccess { tenant, hash, uses, not_after, created_at } = access;
    let row = initial_access_token::Model {
        tenant_id: tenant.to_string(),
        hash: hash.as_bytes().to_vec(),
        scheme: i32::try_from(hash.scheme()).map_err(unreadable)?,
        uses_left: *uses,
        not_after: not_after.unix_millis(),
        created_at: created_at.unix_millis(),
    };
    initial_access_token::Entity::insert(row.into_active_model()).exec_without_returning(target).await?;
    Ok(())
}

fn usable(tenant: &TenantId, presented: &SecretHash, now: Timestamp) -> Result<Condition, RegistryError> {
    let scheme = i32::try_from(presented.scheme()).map_err(unreadable)?;
    Ok(Condition::all()
        .add(initial_access_token::Column::TenantId.eq(tenant.as_str()))
        .add(initial_access_token::Column::Hash.eq(presented.as_bytes().to_vec()))
        .add(initial_access_token::Column::Scheme.eq(scheme))
        .add(initial_access_token::Column::UsesLeft.gt(0))
        .add(initial_access_token::Column::NotAfter.gt(now.unix_millis())))
}
