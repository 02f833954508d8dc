//! The table `browser_session`: who is signed in, in which browser.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QuerySelect};

use super::entities::{
    authorization_code, browser_session, front_channel_ticket, refresh_family, user_account, user_grant,
};
use super::records::{read, time};
use super::users::user_of;
use super::{Answer, ConsentStore, known_browsers};
use crate::domain::id::{SessionId, UserId};
use crate::domain::secret::Digest;
use crate::domain::session::{MOST_SESSIONS, Session};
use crate::domain::signing_in::Begins;
use crate::domain::user::User;

impl ConsentStore {
    /// The session of that token with its user, if both may be used. Its use is noted, but no oftener than need be.
    pub(crate) async fn signed_in(
        &self,
        tenant: &TenantId,
        digest: &Digest,
        now: Timestamp,
        idle: Duration,
    ) -> Answer<Option<(Session, User)>> {
        let query = browser_session::Entity::find_by_id(digest.as_bytes().to_vec());
        let Some(row) = query.one(self.0.connection()).await? else { return Ok(None) };
        let session = session_of(&row)?;
        if session.tenant != *tenant || !session.is_live(now, idle) {
            return Ok(None);
        }
        let user = user_account::Entity::find_by_id(row.user_id.as_str()).one(self.0.connection()).await?;
        let Some(user) = user.filter(|user| !user.blocked) else { return Ok(None) };
        if session.is_due_for_a_touch(now) {
            self.touch(digest, now).await?;
        }
        Ok(Some((session, user_of(&user)?)))
    }

    /// Ends the session of that token, if there is one.
    pub(crate) async fn end_session(&self, tenant: &TenantId, digest: &Digest) -> Answer<()> {
        browser_session::Entity::delete_many()
            .filter(browser_session::Column::Digest.eq(digest.as_bytes().to_vec()))
            .filter(browser_session::Column::TenantId.eq(tenant.as_str()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    async fn touch(&self, digest: &Digest, now: Timestamp) -> Answer<()> {
        browser_session::Entity::update_many()
            .col_expr(browser_session::Column::SeenAt, Expr::value(now.unix_millis()))
            .filter(browser_session::Column::Digest.eq(digest.as_bytes().to_vec()))
            .filter(browser_session::Column::SeenAt.lt(now.unix_millis()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}

/// Begins a session. The one that the browser had ends: nobody who knew its token follows into the next. So do the oldest of a
/// user who has too many.
pub(super) async fn begin(target: &impl ConnectionTrait, begins: &Begins<'_>) -> Answer<()> {
    let Begins { session, digest, former, known: _ } = *begins;
    if let Some(former) = former {
        browser_session::Entity::delete_by_id(former.as_bytes().to_vec()).exec(target).await?;
    }
    let row = row_of(session, digest).into_active_model();
    browser_session::Entity::insert(row).exec_without_returning(target).await?;
    let others = Condition::all()
        .add(browser_session::Column::UserId.eq(session.user.as_str()))
        .add(browser_session::Column::Digest.ne(digest.as_bytes().to_vec()));
    let mut kept = Query::select();
    kept.column(browser_session::Column::Digest)
        .from(browser_session::Entity)
        .cond_where(others.clone())
        .order_by(browser_session::Column::SignedInAt, Order::Desc)
        .limit(MOST_SESSIONS - 1);
    let too_many = others.add(browser_session::Column::Digest.not_in_subquery(kept));
    browser_session::Entity::delete_many().filter(too_many).exec(target).await?;
    Ok(())
}

/// Whether the session goes on. If it does, it does until the transaction ends: whoever ends it waits for that.
pub(super) async fn hold(target: &impl ConnectionTrait, id: &SessionId) -> Answer<bool> {
    let this = browser_session::Column::Id.eq(id.as_str());
    Ok(browser_session::Entity::find().filter(this).lock_shared().one(target).await?.is_some())
}

/// Ends whatever the user's sign-ins gave: sessions, browsers that know the user, codes, tickets and refresh tokens. What the user agreed to stays. The
/// grants are held, so that nobody who redeems one at the same time keeps what comes of it.
pub(super) async fn end_all(target: &impl ConnectionTrait, user: &UserId) -> Answer<()> {
    let theirs = user_grant::Column::UserId.eq(user.as_str());
    user_grant::Entity::find().filter(theirs.clone()).lock_exclusive().all(target).await?;
    let grants = || {
        let mut grants = Query::select();
        grants.column(user_grant::Column::Id).from(user_grant::Entity).and_where(theirs.clone());
        grants
    };
    let of_user = browser_session::Column::UserId.eq(user.as_str());
    browser_session::Entity::delete_many().filter(of_user).exec(target).await?;
    known_browsers::forget_all(target, user).await?;
    let codes = authorization_code::Column::GrantId.in_subquery(grants());
    authorization_code::Entity::delete_many().filter(codes).exec(target).await?;
    let tickets = front_channel_ticket::Column::GrantId.in_subquery(grants());
    front_channel_ticket::Entity::delete_many().filter(tickets).exec(target).await?;
    let families = refresh_family::Column::GrantId.in_subquery(grants());
    refresh_family::Entity::delete_many().filter(families).exec(target).await?;
    Ok(())
}

fn session_of(row: &browser_session::Model) -> Answer<Session> {
    Ok(Session {
        id: read(&row.id)?,
        tenant: read(&row.tenant_id)?,
        user: read(&row.user_id)?,
        signed_in_at: time(row.signed_in_at),
        seen_at: time(row.seen_at),
        ends_at: time(row.ends_at),
    })
}

fn row_of(session: &Session, digest: &Digest) -> browser_session::Model {
    browser_session::Model {
        digest: digest.as_bytes().to_vec(),
        id: session.id.to_string(),
        tenant_id: session.tenant.to_string(),
        user_id: session.user.to_string(),
        signed_in_at: session.signed_in_at.unix_millis(),
        seen_at: session.seen_at.unix_millis(),
        ends_at: session.ends_at.unix_millis(),
    }
}
