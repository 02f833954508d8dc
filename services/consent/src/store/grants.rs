//! The table `user_grant`: what users agreed to. What it is redeemed by hangs on its row and goes with it.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::TenantId;
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::entities::user_grant;
use super::records::{grant, row_of_grant};
use super::{Answer, ConsentStore};
use crate::domain::ConsentError;
use crate::domain::grant::{Agreement, Between, UserGrant};
use crate::domain::id::{UserGrantId, UserId};
use crate::domain::incarnation::Incarnation;

impl ConsentStore {
    /// What the user granted under these names, if anything: perhaps at an API that had the name before.
    pub(crate) async fn grant_between(&self, between: &Between) -> Answer<Option<UserGrant>> {
        let found = user_grant::Entity::find().filter(is_between(between)).one(self.0.connection()).await?;
        found.as_ref().map(grant).transpose()
    }

    /// Says of a grant of which it is not known which API it is for that it is this one.
    pub(crate) async fn place_grant(&self, id: &UserGrantId, api: &Incarnation) -> Answer<()> {
        user_grant::Entity::update_many()
            .col_expr(user_grant::Column::ResourceServerId, Expr::value(api.as_str()))
            .filter(user_grant::Column::Id.eq(id.as_str()))
            .filter(user_grant::Column::ResourceServerId.is_null())
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// All that a user granted and was asked for, the latest first.
    pub(crate) async fn grants_of(&self, tenant: &TenantId, user: &UserId) -> Answer<Vec<UserGrant>> {
        let theirs = Condition::all()
            .add(user_grant::Column::TenantId.eq(tenant.as_str()))
            .add(user_grant::Column::UserId.eq(user.as_str()));
        let query = user_grant::Entity::find().filter(theirs).order_by_desc(user_grant::Column::CreatedAt);
        let rows = query.order_by_asc(user_grant::Column::Id).all(self.0.connection()).await?;
        rows.iter().map(grant).collect()
    }

    /// Takes a grant away; tells whether there was one. Codes, refresh tokens and tickets go with it: whoever redeems one next,
    /// on whatever replica, finds nothing.
    pub(crate) async fn delete_grant(&self, tenant: &TenantId, id: &UserGrantId) -> Answer<bool> {
        self.delete(is(tenant, id)).await
    }

    /// As [`Self::delete_grant`], if it is that user's.
    pub(crate) async fn delete_grant_of(&self, tenant: &TenantId, user: &UserId, id: &UserGrantId) -> Answer<bool> {
        self.delete(is(tenant, id).add(user_grant::Column::UserId.eq(user.as_str()))).await
    }

    async fn delete(&self, which: Condition) -> Answer<bool> {
        self.0.run(&Deleting(which)).await
    }
}

/// In a transaction, which runs again where the database undid it for the sake of somebody who just redeems what goes with it.
struct Deleting(Condition);

impl Work for Deleting {
    type Done = bool;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<bool> {
        let gone = user_grant::Entity::delete_many().filter(self.0.clone()).exec(transaction).await?;
        Ok(gone.rows_affected > 0)
    }
}

fn is(tenant: &TenantId, id: &UserGrantId) -> Condition {
    Condition::all().add(user_grant::Column::TenantId.eq(tenant.as_str())).add(user_grant::Column::Id.eq(id.as_str()))
}

/// Makes the grant, or widens the one there is. Of two who do it at once, one waits for the other. `None`, and there may be no
/// more than before: what the user once said was taken back since.
pub(super) async fn agree(
    target: &impl ConnectionTrait,
    between: &Between,
    agreed: &Agreement,
    now: Timestamp,
    randomness: &Randomness,
) -> Answer<Option<UserGrant>> {
    let first = UserGrant::new(between.clone(), agreed, now, randomness);
    let key = [
        user_grant::Column::TenantId,
        user_grant::Column::UserId,
        user_grant::Column::ClientId,
        user_grant::Column::Audience,
    ];
    if first.bears(agreed) {
        user_grant::Entity::insert(row_of_grant(&first).into_active_model())
            .on_conflict_do_nothing_on(key)
            .exec_without_returning(target)
            .await?;
    }
    let query = user_grant::Entity::find().filter(is_between(between)).lock_exclusive();
    let Some(found) = query.one(target).await? else { return Ok(None) };
    let mut kept = grant(&found)?;
    if kept.between != *between {
        return if first.bears(agreed) { replace(target, &kept, first).await.map(Some) } else { Ok(None) };
    }
    if !kept.bears(agreed) {
        return Ok(None);
    }
    if kept.id != first.id {
        kept.widen(agreed, now);
        let row = row_of_grant(&kept).into_active_model().reset_all();
        user_grant::Entity::update(row).exec(target).await?;
    }
    Ok(Some(kept))
}

/// One takes the place of another that is for an API which had the name before, or came after: who writes knows the one or the
/// other, and whatever is redeemed is held against the API that there is then.
async fn replace(target: &impl ConnectionTrait, other: &UserGrant, first: UserGrant) -> Answer<UserGrant> {
    user_grant::Entity::delete_by_id(other.id.as_str()).exec(target).await?;
    let row = row_of_grant(&first).into_active_model();
    user_grant::Entity::insert(row).exec_without_returning(target).await?;
    Ok(first)
}

/// The grant of that id as it is now.
pub(super) async fn of_id(target: &impl ConnectionTrait, id: &str) -> Answer<Option<UserGrant>> {
    user_grant::Entity::find_by_id(id).one(target).await?.as_ref().map(grant).transpose()
}

/// As [`of_id`], and it stays as it is until the transaction ends.
async fn lock(target: &impl ConnectionTrait, id: &str) -> Answer<Option<UserGrant>> {
    user_grant::Entity::find_by_id(id).lock_exclusive().one(target).await?.as_ref().map(grant).transpose()
}

/// What is redeemed, with its grant, both locked. The grant is locked first, as by whoever revokes it: two who lock in two orders
/// wait for each other.
pub(super) async fn lock_with<E: EntityTrait>(
    target: &impl ConnectionTrait,
    redeemed: Select<E>,
    grant_of: fn(&E::Model) -> &str,
) -> Answer<Option<(E::Model, UserGrant)>> {
    let Some(row) = redeemed.clone().one(target).await? else { return Ok(None) };
    let Some(grant) = lock(target, grant_of(&row)).await? else { return Ok(None) };
    let row = redeemed.lock_exclusive().one(target).await?;
    Ok(row.map(|row| (row, grant)))
}

/// Notes that tokens were issued by it.
pub(super) async fn note_use(target: &impl ConnectionTrait, id: &UserGrantId, now: Timestamp) -> Answer<()> {
    user_grant::Entity::update_many()
        .col_expr(user_grant::Column::LastUsedAt, Expr::value(now.unix_millis()))
        .filter(user_grant::Column::Id.eq(id.as_str()))
        .exec(target)
        .await?;
    Ok(())
}

fn is_between(between: &Between) -> Condition {
    let Between { tenant, user, client, audience, api: _ } = between;
    let audience = audience.as_ref().map(ToString::to_string).unwrap_or_default();
    Condition::all()
        .add(user_grant::Column::TenantId.eq(tenant.as_str()))
        .add(user_grant::Column::UserId.eq(user.as_str()))
        .add(user_grant::Column::ClientId.eq(client.as_str()))
        .add(user_grant::Column::Audience.eq(audience))
}
