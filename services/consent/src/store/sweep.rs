//! What is over is forgotten.

use std::time::Duration;

use mintage_clock::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::{
    authorization_code, browser_session, front_channel_ticket, given_answer, interaction, known_browser, refresh_family,
};
use super::{Answer, ConsentStore};
use crate::domain::moment;

/// Forgets some of what a table holds that ended before the moment; how many it were.
macro_rules! forget {
    ($target:expr, $table:ident by $key:ident, until $moment:expr) => {{
        let mut over = Query::select();
        over.column($table::Column::$key)
            .from($table::Entity)
            .and_where($table::Column::EndsAt.lte($moment.unix_millis()))
            .limit(AT_ONCE);
        let some = $table::Column::$key.in_subquery(over);
        let still = $table::Column::EndsAt.lte($moment.unix_millis());
        $table::Entity::delete_many().filter(some).filter(still).exec($target).await?.rows_affected
    }};
}

impl ConsentStore {
    /// Forgets what ended before `now`, a bounded piece of each table at a time; true while there is more. A code is kept for a
    /// day longer, so that a second use of it is known for what it is, and a refresh token for as long as a look at it counts.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Answer<bool> {
        let target = self.0.connection();
        let forgotten = [
            forget!(target, interaction by Digest, until now),
            forget!(target, given_answer by Digest, until now),
            forget!(target, front_channel_ticket by Digest, until now),
            forget!(target, browser_session by Digest, until now),
            forget!(target, known_browser by Digest, until now),
            forget!(target, refresh_family by Id, until now - moment::LONGEST),
            forget!(target, authorization_code by Digest, until now - KEPT_CODES),
        ];
        Ok(forgotten.iter().any(|rows| *rows >= AT_ONCE))
    }
}

/// So many are forgotten well within the time that a statement has.
const AT_ONCE: u64 = 1000;
const KEPT_CODES: Duration = Duration::from_hours(24);
