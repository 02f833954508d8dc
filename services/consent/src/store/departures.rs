//! What is left of those that the registry may have no more: found name by name, each step by an index, and forgotten in
//! pieces.

use mintage_oauth::{Audience, ClientId, TenantId};
use mintage_store::Work;
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::{interaction, user_account, user_grant};
use super::records::read;
use super::{Answer, ConsentStore};
use crate::domain::ConsentError;
use crate::domain::departure::Former;
use crate::domain::incarnation::{Incarnation, Life};

/// The least value of a column that is greater than `$after`, of the rows that fit.
macro_rules! next {
    ($target:expr, $table:ident . $column:ident, $fits:expr, $after:expr) => {
        $table::Entity::find()
            .select_only()
            .column($table::Column::$column)
            .filter($fits)
            .filter($table::Column::$column.gt($after))
            .order_by_asc($table::Column::$column)
            .limit(1)
            .into_tuple::<String>()
            .one($target)
    };
}

/// Every value of a column but the empty one, of the rows that fit: a step for each, however many rows have it.
macro_rules! each {
    ($target:expr, $table:ident . $column:ident, $fits:expr) => {{
        let mut found: Vec<Incarnation> = Vec::new();
        while found.len() < MOST_LIVES {
            let after = found.last().map_or("", Incarnation::as_str);
            let Some(next) = next!($target, $table.$column, $fits, after).await? else { break };
            found.push(read(&next)?);
        }
        Ok(found)
    }};
}

impl ConsentStore {
    /// The first tenant after `after`, by id, of which anything is kept.
    pub(crate) async fn next_tenant(&self, after: Option<&TenantId>) -> Answer<Option<TenantId>> {
        let after = after.map_or("", TenantId::as_str);
        let next = next!(self.0.connection(), user_account.TenantId, Condition::all(), after).await?;
        next.map(|id| read(&id)).transpose()
    }

    /// The first client after `after`, by id, that was granted anything.
    pub(crate) async fn next_client(&self, tenant: &TenantId, after: Option<&ClientId>) -> Answer<Option<ClientId>> {
        let after = after.map_or("", ClientId::as_str);
        let next = next!(self.0.connection(), user_grant.ClientId, of_tenant(tenant), after).await?;
        next.map(|id| read(&id)).transpose()
    }

    /// The first API after `after`, by identifier, at which anything was granted.
    pub(crate) async fn next_api(&self, tenant: &TenantId, after: Option<&Audience>) -> Answer<Option<Audience>> {
        let after = after.map_or("", Audience::as_str);
        let next = next!(self.0.connection(), user_grant.Audience, of_tenant(tenant), after).await?;
        next.map(|identifier| read(&identifier)).transpose()
    }

    /// Of which that had the tenant's id users are kept.
    pub(crate) async fn lives_of_tenant(&self, tenant: &TenantId) -> Answer<Vec<Incarnation>> {
        let users = || Condition::all().add(user_account::Column::TenantId.eq(tenant.as_str()));
        each!(self.0.connection(), user_account.TenantIncarnation, users())
    }

    /// At which that had the API's identifier anything was granted.
    pub(crate) async fn lives_of_api(&self, tenant: &TenantId, audience: &Audience) -> Answer<Vec<Incarnation>> {
        each!(self.0.connection(), user_grant.ResourceServerId, at(tenant, audience))
    }

    /// Whether users of such a tenant are kept.
    pub(crate) async fn has_users(&self, tenant: &TenantId, former: &Former) -> Answer<bool> {
        let query = user_account::Entity::find().filter(users_of(tenant, former));
        Ok(query.one(self.0.connection()).await?.is_some())
    }

    /// Whether the client was granted anything.
    pub(crate) async fn has_grants_of(&self, tenant: &TenantId, client: &ClientId) -> Answer<bool> {
        self.has_grants(of_client(tenant, client)).await
    }

    /// Whether anything was granted at the API, or one that had its identifier.
    pub(crate) async fn has_grants_at(&self, tenant: &TenantId, audience: &Audience) -> Answer<bool> {
        self.has_grants(at(tenant, audience)).await
    }

    /// Whether anything was granted at such an API.
    pub(crate) async fn has_former_grants_at(
        &self,
        tenant: &TenantId,
        audience: &Audience,
        former: &Former,
    ) -> Answer<bool> {
        self.has_grants(at_former(tenant, audience, former)).await
    }

    /// Forgets some users of such a tenant, with all that hangs on them; how many.
    pub(crate) async fn forget_users(&self, tenant: &TenantId, former: &Former) -> Answer<u64> {
        let mut some = Query::select();
        some.column(user_account::Column::Id).from(user_account::Entity).cond_where(users_of(tenant, former));
        self.0.run(&Piece::ForgetUsers(some.limit(USERS_AT_ONCE).take())).await
    }

    /// Forgets some of what the client was granted, with codes and refresh tokens; how many grants.
    pub(crate) async fn forget_grants_of(&self, tenant: &TenantId, client: &ClientId) -> Answer<u64> {
        self.0.run(&Piece::ForgetGrants(some_grants(of_client(tenant, client)))).await
    }

    /// Forgets some of what was granted at such an API, with codes and refresh tokens; how many grants.
    pub(crate) async fn forget_grants_at(
        &self,
        tenant: &TenantId,
        audience: &Audience,
        former: &Former,
    ) -> Answer<u64> {
        self.0.run(&Piece::ForgetGrants(some_grants(at_former(tenant, audience, former)))).await
    }

    /// Forgets some of what browsers are being asked at the tenant; how many.
    pub(crate) async fn forget_interactions(&self, tenant: &TenantId) -> Answer<u64> {
        let mut some = Query::select();
        some.column(interaction::Column::Digest)
            .from(interaction::Entity)
            .and_where(interaction::Column::TenantId.eq(tenant.as_str()));
        self.0.run(&Piece::ForgetInteractions(some.limit(AT_ONCE).take())).await
    }

    /// Says of some users of whom it is not known which tenant they are of that it is this one; how many.
    pub(crate) async fn place_users(&self, tenant: &TenantId, life: &Life) -> Answer<u64> {
        let mut some = Query::select();
        some.column(user_account::Column::Id)
            .from(user_account::Entity)
            .and_where(user_account::Column::TenantId.eq(tenant.as_str()))
            .and_where(user_account::Column::TenantIncarnation.is_null())
            .and_where(user_account::Column::CreatedAt.gte(life.since.unix_millis()));
        self.0.run(&Piece::PlaceUsers(some.limit(AT_ONCE).take(), life.incarnation.clone())).await
    }

    /// Says of some grants of which it is not known which API they are for that it is this one; how many.
    pub(crate) async fn place_grants(&self, tenant: &TenantId, audience: &Audience, life: &Life) -> Answer<u64> {
        let which = at(tenant, audience)
            .add(user_grant::Column::ResourceServerId.is_null())
            .add(user_grant::Column::CreatedAt.gte(life.since.unix_millis()));
        self.0.run(&Piece::PlaceGrants(some_grants(which), life.incarnation.to_string())).await
    }

    /// Says of some grants for no API that they are that; how many.
    pub(crate) async fn place_grants_without_api(&self, tenant: &TenantId) -> Answer<u64> {
        let which = of_tenant(tenant)
            .add(user_grant::Column::Audience.eq(""))
            .add(user_grant::Column::ResourceServerId.is_null());
        self.0.run(&Piece::PlaceGrants(some_grants(which), String::new())).await
    }

    async fn has_grants(&self, which: Condition) -> Answer<bool> {
        Ok(user_grant::Entity::find().filter(which).one(self.0.connection()).await?.is_some())
    }
}

/// In a transaction, which runs again where the database undid it for the sake of another replica that does the same.
pub(super) enum Piece {
    ForgetUsers(SelectStatement),
    ForgetGrants(SelectStatement),
    ForgetInteractions(SelectStatement),
    PlaceUsers(SelectStatement, Incarnation),
    PlaceGrants(SelectStatement, String),
}

impl Work for Piece {
    type Done = u64;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<u64> {
        self.rows(transaction).await
    }
}

impl Piece {
    async fn rows(&self, target: &impl ConnectionTrait) -> Answer<u64> {
        let user = |some: &SelectStatement| user_account::Column::Id.in_subquery(some.clone());
        let grant = |some: &SelectStatement| user_grant::Column::Id.in_subquery(some.clone());
        let done = match self {
            Self::ForgetUsers(some) => {
                user_account::Entity::delete_many().filter(user(some)).exec(target).await?.rows_affected
            }
            Self::ForgetGrants(some) => {
                user_grant::Entity::delete_many().filter(grant(some)).exec(target).await?.rows_affected
            }
            Self::ForgetInteractions(some) => {
                let these = interaction::Column::Digest.in_subquery(some.clone());
                interaction::Entity::delete_many().filter(these).exec(target).await?.rows_affected
            }
            Self::PlaceUsers(some, incarnation) => {
                let placed = user_account::Entity::update_many()
                    .col_expr(user_account::Column::TenantIncarnation, Expr::value(incarnation.as_str()));
                placed.filter(user(some)).exec(target).await?.rows_affected
            }
            Self::PlaceGrants(some, api) => {
                let placed = user_grant::Entity::update_many()
                    .col_expr(user_grant::Column::ResourceServerId, Expr::value(api.as_str()));
                placed.filter(grant(some)).exec(target).await?.rows_affected
            }
        };
        Ok(done)
    }
}

pub(super) fn some_grants(which: Condition) -> SelectStatement {
    let mut some = Query::select();
    some.column(user_grant::Column::Id).from(user_grant::Entity).cond_where(which).limit(AT_ONCE);
    some
}

fn users_of(tenant: &TenantId, former: &Former) -> Condition {
    let of_tenant = Condition::all().add(user_account::Column::TenantId.eq(tenant.as_str()));
    match former {
        Former::This(incarnation) => of_tenant.add(user_account::Column::TenantIncarnation.eq(incarnation.as_str())),
        Former::AnyBefore(moment) => of_tenant
            .add(user_account::Column::TenantIncarnation.is_null())
            .add(user_account::Column::CreatedAt.lt(moment.unix_millis())),
    }
}

fn at_former(tenant: &TenantId, audience: &Audience, former: &Former) -> Condition {
    match former {
        Former::This(api) => at(tenant, audience).add(user_grant::Column::ResourceServerId.eq(api.as_str())),
        Former::AnyBefore(moment) => at(tenant, audience)
            .add(user_grant::Column::ResourceServerId.is_null())
            .add(user_grant::Column::CreatedAt.lt(moment.unix_millis())),
    }
}

fn of_tenant(tenant: &TenantId) -> Condition {
    Condition::all().add(user_grant::Column::TenantId.eq(tenant.as_str()))
}

fn of_client(tenant: &TenantId, client: &ClientId) -> Condition {
    of_tenant(tenant).add(user_grant::Column::ClientId.eq(client.as_str()))
}

fn at(tenant: &TenantId, audience: &Audience) -> Condition {
    of_tenant(tenant).add(user_grant::Column::Audience.eq(audience.as_str()))
}

/// So many are forgotten well within the time that a statement has.
pub(super) const AT_ONCE: u64 = 500;
/// With each go its sessions, grants and refresh tokens.
const USERS_AT_ONCE: u64 = 100;
/// Of more that had one name the rest is found the next time.
const MOST_LIVES: usize = 100;
