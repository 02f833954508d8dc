//! Takes out what is older than anybody asks for: of the record, and of keys that have ended. A kid is remembered for ever.

use mintage_clock::Timestamp;
use mintage_store::StoreError;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::convert::SERVED;
use super::entities::{key_fact, signing_key, spent_kid, token_object};
use super::{KeyStore, failed, refused};
use crate::domain::PortError;

impl KeyStore {
    /// Takes facts from before `until` out of the record, oldest first: at most `limit` of them. How many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clear_facts(&self, until: Timestamp, limit: u64) -> Result<u64, PortError> {
        let oldest = Query::select()
            .column(key_fact::Column::Id)
            .from(key_fact::Entity)
            .and_where(key_fact::Column::At.lt(until.unix_millis()))
            .order_by(key_fact::Column::At, Order::Asc)
            .limit(limit)
            .to_owned();
        let cleared = key_fact::Entity::delete_many()
            .filter(key_fact::Column::Id.in_subquery(oldest))
            .exec(self.database.connection());
        Ok(cleared.await.map_err(failed)?.rows_affected)
    }

    /// Takes out keys that ended before `until`, but for their kids: at most `limit` of them. How many. What a token has yet to
    /// destroy stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clear_ended(&self, until: Timestamp, limit: u64) -> Result<u64, PortError> {
        let cleared = self.database.transaction(async move |transaction| clear(until, limit, transaction).await);
        cleared.await.map_err(refused)
    }
}

async fn clear(until: Timestamp, limit: u64, transaction: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let noted = Query::select()
        .column(token_object::Column::Kid)
        .from(token_object::Entity)
        .and_where(token_object::Column::Kid.is_not_null())
        .to_owned();
    let ended = signing_key::Entity::find()
        .select_only()
        .column(signing_key::Column::Kid)
        .filter(signing_key::Column::State.is_not_in(SERVED))
        .filter(signing_key::Column::Since.lt(until.unix_millis()))
        .filter(signing_key::Column::Kid.not_in_subquery(noted))
        .order_by_asc(signing_key::Column::Kid)
        .limit(limit);
    let kids: Vec<String> = ended.into_tuple().all(transaction).await?;
    if kids.is_empty() {
        return Ok(0);
    }
    let spent = kids.iter().map(|kid| spent_kid::ActiveModel { kid: ActiveValue::Set(kid.clone()) });
    // Another replica may do the same: of one that has ended, nothing changes any more.
    let once = OnConflict::column(spent_kid::Column::Kid).do_nothing().to_owned();
    spent_kid::Entity::insert_many(spent).on_conflict(once).exec_without_returning(transaction).await?;
    let gone = signing_key::Entity::delete_many().filter(signing_key::Column::Kid.is_in(kids)).exec(transaction);
    Ok(gone.await?.rows_affected)
}

/// Whether a key of this name was there, so long ago that only its name is kept.
pub(super) async fn is_spent(kid: &str, transaction: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(spent_kid::Entity::find_by_id(kid).one(transaction).await?.is_some())
}
