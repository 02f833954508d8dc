//! The table `known_browser`: in which browsers users signed in before. Whoever writes here holds the user's row.

use mintage_clock::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter};

use super::Answer;
use super::entities::known_browser;
use super::records::{count, time};
use crate::domain::id::UserId;
use crate::domain::known_browser::{KNOWN_FOR, MOST_BROWSERS};
use crate::domain::lockout::Lockout;
use crate::domain::secret::Digest;

/// What failed in the browser, if the user is known there.
pub(super) async fn failures(
    target: &impl ConnectionTrait,
    user: &str,
    browser: &Digest,
    now: Timestamp,
) -> Answer<Option<Lockout>> {
    let lasting = known_browser::Column::EndsAt.gt(now.unix_millis());
    let query = known_browser::Entity::find().filter(is(user, browser)).filter(lasting);
    Ok(query
        .one(target)
        .await?
        .map(|row| Lockout { failures: row.failures.unsigned_abs(), until: time(row.locked_until) }))
}

/// Writes down what failed there.
pub(super) async fn note_failures(
    target: &impl ConnectionTrait,
    user: &str,
    browser: &Digest,
    failed: Lockout,
) -> Answer<()> {
    known_browser::Entity::update_many()
        .col_expr(known_browser::Column::Failures, Expr::value(count(failed.failures)))
        .col_expr(known_browser::Column::LockedUntil, Expr::value(failed.until.unix_millis()))
        .filter(is(user, browser))
        .exec(target)
        .await?;
    Ok(())
}

/// The user signed in there. What failed there before is forgiven, and a browser too many is forgotten.
pub(super) async fn remember(
    target: &impl ConnectionTrait,
    user: &UserId,
    browser: &Digest,
    at: Timestamp,
) -> Answer<()> {
    let row = known_browser::Model {
        user_id: user.to_string(),
        digest: browser.as_bytes().to_vec(),
        failures: 0,
        locked_until: Lockout::NONE.until.unix_millis(),
        ends_at: (at + KNOWN_FOR).unix_millis(),
    };
    let known = OnConflict::columns([known_browser::Column::UserId, known_browser::Column::Digest])
        .update_columns([
            known_browser::Column::Failures,
            known_browser::Column::LockedUntil,
            known_browser::Column::EndsAt,
        ])
        .to_owned();
    let insert = known_browser::Entity::insert(row.into_active_model()).on_conflict(known);
    insert.exec_without_returning(target).await?;
    let others = of(user.as_str()).add(known_browser::Column::Digest.ne(browser.as_bytes().to_vec()));
    let mut kept = Query::select();
    kept.column(known_browser::Column::Digest)
        .from(known_browser::Entity)
        .cond_where(others.clone())
        .order_by(known_browser::Column::EndsAt, Order::Desc)
        .limit(MOST_BROWSERS - 1);
    let too_many = others.add(known_browser::Column::Digest.not_in_subquery(kept));
    known_browser::Entity::delete_many().filter(too_many).exec(target).await?;
    Ok(())
}

/// The user is known nowhere any more.
pub(super) async fn forget_all(target: &impl ConnectionTrait, user: &UserId) -> Answer<()> {
    known_browser::Entity::delete_many().filter(of(user.as_str())).exec(target).await?;
    Ok(())
}

fn is(user: &str, browser: &Digest) -> Condition {
    of(user).add(known_browser::Column::Digest.eq(browser.as_bytes().to_vec()))
}

fn of(user: &str) -> Condition {
    Condition::all().add(known_browser::Column::UserId.eq(user))
}
