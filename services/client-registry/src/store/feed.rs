//! The tables `feed_head` and `change_log`: one gapless revision for the installation.

use mintage_chassis::status::Chain;
use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::{change_log, feed_head};
use super::records::{read, unreadable};
use crate::domain::RegistryError;
use crate::domain::change::{Change, Subject};

/// The revision of the last change.
pub(super) async fn head(target: &impl ConnectionTrait) -> Result<u64, RegistryError> {
    revision_of(feed_head::Entity::find_by_id(HEAD).one(target).await?)
}

/// The revision of the last change, which stays the last until the transaction ends: writes go one after the other,
/// so that revisions have no gaps and come in the order of their commits.
pub(super) async fn lock(target: &impl ConnectionTrait) -> Result<u64, RegistryError> {
    revision_of(feed_head::Entity::find_by_id(HEAD).lock_exclusive().one(target).await?)
}

/// Appends changes after `head`; returns the new head.
pub(super) async fn append(
    target: &impl ConnectionTrait,
    head: u64,
    changes: Vec<(TenantId, Subject)>,
    now: Timestamp,
) -> Result<u64, RegistryError> {
    let mut revision = i64::try_from(head).map_err(unreadable)?;
    let rows: Vec<_> = changes
        .into_iter()
        .map(|(tenant, subject)| {
            revision += 1;
            row_of(revision, &tenant, subject, now).into_active_model()
        })
        .collect();
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        change_log::Entity::insert_many(chunk.to_vec()).exec_without_returning(target).await?;
    }
    feed_head::Entity::update_many()
        .col_expr(feed_head::Column::Revision, Expr::value(revision))
        .filter(feed_head::Column::Id.eq(HEAD))
        .exec(target)
        .await?;
    u64::try_from(revision).map_err(unreadable)
}

/// Changes after `revision`, at most `limit`, in order. The first is missing when the log was trimmed past it, and any that
/// cannot be read: whoever meets the gap drops all it has cached, and goes on.
pub(super) async fn after(
    target: &impl ConnectionTrait,
    revision: u64,
    limit: u64,
) -> Result<Vec<Change>, RegistryError> {
    let Ok(revision) = i64::try_from(revision) else { return Ok(Vec::new()) };
    let rows = change_log::Entity::find()
        .filter(change_log::Column::Revision.gt(revision))
        .order_by_asc(change_log::Column::Revision)
        .limit(limit)
        .all(target)
        .await?;
    let readable = |row| {
        let unreadable = |error| tracing::error!(error = %Chain(&error), "a change of the log cannot be read");
        change_of(row).map_err(unreadable).ok()
    };
    Ok(rows.iter().filter_map(readable).collect())
}

/// Forgets the changes up to the last one written before `oldest`: what is left has no gap.
pub(super) async fn trim(target: &impl ConnectionTrait, oldest: Timestamp) -> Result<u64, RegistryError> {
    let last_old = change_log::Entity::find()
        .filter(change_log::Column::WrittenAt.lt(oldest.unix_millis()))
        .order_by_desc(change_log::Column::Revision)
        .one(target)
        .await?;
    let Some(last_old) = last_old else { return Ok(0) };
    let old = change_log::Column::Revision.lte(last_old.revision);
    Ok(change_log::Entity::delete_many().filter(old).exec(target).await?.rows_affected)
}

fn revision_of(row: Option<feed_head::Model>) -> Result<u64, RegistryError> {
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the head of the change feed".to_owned()))?;
    u64::try_from(row.revision).map_err(unreadable)
}

fn row_of(revision: i64, tenant: &TenantId, subject: Subject, now: Timestamp) -> change_log::Model {
    let (kind, client, audience) = match subject {
        Subject::Tenant => (TENANT, None, None),
        Subject::Client(client) => (CLIENT, Some(client), None),
        Subject::ResourceServer(audience) => (RESOURCE_SERVER, None, Some(audience)),
        Subject::ClientGrant { client, audience } => (CLIENT_GRANT, Some(client), Some(audience)),
    };
    change_log::Model {
        revision,
        tenant_id: tenant.to_string(),
        kind: kind.to_owned(),
        client_id: client.map(|client| client.to_string()),
        audience: audience.map(|audience| audience.to_string()),
        written_at: now.unix_millis(),
    }
}

fn change_of(row: &change_log::Model) -> Result<Change, RegistryError> {
    let subject = match (row.kind.as_str(), row.client_id.as_deref(), row.audience.as_deref()) {
        (TENANT, None, None) => Subject::Tenant,
        (CLIENT, Some(client), None) => Subject::Client(read(client)?),
        (RESOURCE_SERVER, None, Some(audience)) => Subject::ResourceServer(read(audience)?),
        (CLIENT_GRANT, Some(client), Some(audience)) => {
            Subject::ClientGrant { client: read(client)?, audience: read(audience)? }
        }
        _ => return Err(DbErr::Type(format!("change {} cannot be read", row.revision)).into()),
    };
    Ok(Change { revision: u64::try_from(row.revision).map_err(unreadable)?, tenant: read(&row.tenant_id)?, subject })
}

const HEAD: i32 = 1;
/// Far below the parameters that SQLite and PostgreSQL take in one statement.
const ROWS_A_STATEMENT: usize = 500;
const TENANT: &str = "tenant";
const CLIENT: &str = "client";
const RESOURCE_SERVER: &str = "resource_server";
const CLIENT_GRANT: &str = "client_grant";
