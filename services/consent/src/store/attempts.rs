//! Attempts to sign in, as replicas share them: counted under the lock of the user's row, before a password is looked at.

use mintage_clock::Timestamp;
use mintage_store::Work;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::entities::user_account;
use super::records::{count, time};
use super::users::{has, user_of};
use super::{Answer, ConsentStore, known_browsers};
use crate::domain::ConsentError;
use crate::domain::known_browser::{Counted, Failures};
use crate::domain::lockout::Lockout;
use crate::domain::password::PasswordHash;
use crate::domain::password_directory::{Accounts, Attempted, Claim};

impl Accounts for ConsentStore {
    async fn count_attempt(&self, claim: &Claim<'_>, now: Timestamp) -> Answer<Option<Attempted>> {
        self.0.run(&Counting { claim, now }).await
    }

    async fn is_known(&self, claim: &Claim<'_>, now: Timestamp) -> Answer<bool> {
        let (Some(browser), target) = (claim.browser, self.0.connection()) else { return Ok(false) };
        let found = user_account::Entity::find().filter(has(claim.tenant, claim.email)).one(target).await?;
        // As much is asked of the database where there is no such account: the answer is not kept back until its moment.
        let user = found.map(|user| user.id).unwrap_or_default();
        let failed = known_browsers::failures(target, &user, browser, now).await?;
        Ok(failed.is_some_and(|failed| now >= failed.until))
    }
}

struct Counting<'a> {
    claim: &'a Claim<'a>,
    now: Timestamp,
}

impl Work for Counting<'_> {
    type Done = Option<Attempted>;
    type Error = ConsentError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Self::Done> {
        let Claim { tenant, email, browser } = *self.claim;
        let query = user_account::Entity::find().filter(has(tenant, email)).lock_exclusive();
        let Some(row) = query.one(transaction).await? else { return Ok(None) };
        let before = Failures {
            account: Lockout { failures: row.failures.unsigned_abs(), until: time(row.locked_until) },
            browser: match browser {
                Some(browser) => known_browsers::failures(transaction, &row.id, browser, self.now).await?,
                None => None,
            },
        };
        let (after, hearing, counted) = before.count(self.now);
        if let (Some(browser), Some(failed)) = (browser, after.browser) {
            known_browsers::note_failures(transaction, &row.id, browser, failed).await?;
        }
        if counted == Counted::AtAccount {
            note_failures(transaction, &row.id, after.account).await?;
        }
        let user = user_of(&row)?;
        Ok(Some(Attempted { user, password: PasswordHash::from_stored(row.password_hash), hearing, counted }))
    }
}

async fn note_failures(transaction: &DatabaseTransaction, user: &str, failed: Lockout) -> Answer<()> {
    user_account::Entity::update_many()
        .col_expr(user_account::Column::Failures, Expr::value(count(failed.failures)))
        .col_expr(user_account::Column::LockedUntil, Expr::value(failed.until.unix_millis()))
        .filter(user_account::Column::Id.eq(user))
        .exec(transaction)
        .await?;
    Ok(())
}
