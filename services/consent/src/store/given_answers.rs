//! The table `given_answer`: what browsers answered. A press that the browser sends twice, or a form that is sent again by a
//! reload, is the same answer once more; whoever sent it may never have seen what the first one brought.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::entities::{authorization_code, given_answer};
use super::interactions::{self, Interaction, Kept};
use super::records::{digest, time};
use super::{Answer, ConsentStore};
use crate::domain::ConsentError;
use crate::domain::secret::Digest;

/// An answer to an interaction, on its way.
#[derive(Debug)]
pub(crate) struct Answering<'a> {
    pub(crate) handle: &'a Digest,
    pub(crate) interaction: &'a Interaction,
    /// All that is said, as one word: the same answer has the same.
    pub(crate) said: &'a str,
    pub(crate) now: Timestamp,
}

/// What the same answer gave when it came before.
#[derive(Debug)]
pub(crate) struct Given {
    /// Of the code that the client was given.
    pub(super) code: Option<Digest>,
}

impl ConsentStore {
    /// Ends an interaction by an answer; of many answers the first does. `Some`: it was this one, and it came before.
    pub(crate) async fn take(&self, answering: &Answering<'_>) -> Answer<Option<Given>> {
        self.0.run(answering).await
    }

    /// An interaction that was answered, as it was, until it would have ended; and whether the answer may come again.
    pub(crate) async fn answered(&self, handle: &Digest, now: Timestamp) -> Answer<Option<(Interaction, bool)>> {
        let found = given_answer::Entity::find_by_id(handle.as_bytes().to_vec()).one(self.0.connection()).await?;
        let found = found.filter(|row| now < time(row.ends_at));
        found.map(|row| Ok((interaction_of(&row)?, may_come_again(&row, now)))).transpose()
    }
}

impl Work for Answering<'_> {
    type Done = Option<Given>;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Option<Given>> {
        take(transaction, self).await
    }
}

/// As [`ConsentStore::take`], as a part of more.
pub(super) async fn take(target: &impl ConnectionTrait, answering: &Answering<'_>) -> Answer<Option<Given>> {
    if !interactions::end(target, answering.handle).await? {
        return again(target, answering).await.map(Some);
    }
    let row = row_of(answering)?.into_active_model();
    given_answer::Entity::insert(row).exec_without_returning(target).await?;
    Ok(None)
}

/// The same answer once more, while that may be. Whoever comes with another is told that it is over.
async fn again(target: &impl ConnectionTrait, answering: &Answering<'_>) -> Answer<Given> {
    let found = locked(target, answering.handle).await?;
    let same = found.filter(|row| row.said == answering.said && may_come_again(row, answering.now));
    let row = same.ok_or(ConsentError::InteractionOver)?;
    Ok(Given { code: row.code_digest.as_deref().map(digest).transpose()? })
}

/// Puts another code in the place of the one that was given, if nobody used that: of the two one is good.
pub(super) async fn exchange_code(
    target: &impl ConnectionTrait,
    handle: &Digest,
    given: &Given,
    code: &Digest,
    now: Timestamp,
) -> Answer<()> {
    let former = given.code.as_ref().ok_or(ConsentError::InteractionOver)?;
    let exchanged = authorization_code::Entity::update_many()
        .col_expr(authorization_code::Column::Digest, Expr::value(code.as_bytes().to_vec()))
        .filter(authorization_code::Column::Digest.eq(former.as_bytes().to_vec()))
        .filter(authorization_code::Column::RedeemedAt.is_null())
        .filter(authorization_code::Column::EndsAt.gt(now.unix_millis()))
        .exec(target)
        .await?;
    if exchanged.rows_affected != 1 {
        return Err(ConsentError::InteractionOver);
    }
    note_code(target, handle, code).await
}

/// Notes which code the client was given upon an answer.
pub(super) async fn note_code(target: &impl ConnectionTrait, handle: &Digest, code: &Digest) -> Answer<()> {
    given_answer::Entity::update_many()
        .col_expr(given_answer::Column::CodeDigest, Expr::value(code.as_bytes().to_vec()))
        .filter(given_answer::Column::Digest.eq(handle.as_bytes().to_vec()))
        .exec(target)
        .await?;
    Ok(())
}

fn may_come_again(row: &given_answer::Model, now: Timestamp) -> bool {
    now < time(row.given_at) + REPEATED
}

async fn locked(target: &impl ConnectionTrait, handle: &Digest) -> Answer<Option<given_answer::Model>> {
    let query = given_answer::Entity::find_by_id(handle.as_bytes().to_vec());
    Ok(query.lock_exclusive().one(target).await?)
}

fn row_of(answering: &Answering<'_>) -> Answer<given_answer::Model> {
    let Answering { handle, interaction, said, now } = answering;
    let Kept { request, page, session_id } = Kept::of(interaction)?;
    Ok(given_answer::Model {
        digest: handle.as_bytes().to_vec(),
        tenant_id: interaction.tenant.to_string(),
        browser: interaction.browser.as_bytes().to_vec(),
        request,
        page: page.to_owned(),
        session_id,
        said: (*said).to_owned(),
        code_digest: None,
        given_at: now.unix_millis(),
        ends_at: interaction.ends_at.unix_millis(),
    })
}

fn interaction_of(row: &given_answer::Model) -> Answer<Interaction> {
    let given_answer::Model { tenant_id, browser, request, page, session_id, ends_at, .. } = row;
    interactions::read_back(tenant_id, browser, request.as_deref(), (page, session_id.as_deref()), *ends_at)
}

/// For so long an answer may come again: a press that was doubled, a page that was loaded anew because it seemed to hang.
const REPEATED: Duration = Duration::from_secs(30);
