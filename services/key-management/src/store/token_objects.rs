//! Notes of what tokens hold: written before a key is made there, forgotten once the token has destroyed it.

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_store::StoreError;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::convert::SERVED;
use super::entities::{key_ring, signing_key, token_object};
use super::facts::{Entry, record};
use super::rings::alone;
use super::{KeyStore, convert, failed, refused};
use crate::domain::{Cause, Deed, DeedKind, ObjectName, PortError};

/// A key pair that a token is to destroy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// What it was noted by.
    pub name: String,
    /// What finds it in the token: its `CKA_ID`, in hexadecimal digits.
    pub object_id: String,
}

impl KeyStore {
    /// Notes a key pair before it is made, so that whatever happens then, somebody knows to look for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_object(
        &self,
        name: &ObjectName,
        object_id: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let note = token_object::ActiveModel {
            name: Set(name.to_string()),
            token: Set(token.to_owned()),
            object_id: Set(object_id.to_owned()),
            noted_at: Set(now.unix_millis()),
            kid: Set(None),
            doomed: Set(false),
        };
        let noted = token_object::Entity::insert(note).exec_without_returning(self.database.connection()).await;
        noted.map(drop).map_err(failed)
    }

    /// Forgets a note of which nothing is in the token and no key will become.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_note(&self, name: &ObjectName) -> Result<(), PortError> {
        self.forget(name.as_str()).await
    }

    /// What `token` is to destroy, at most `limit` by name behind `after`: key pairs whose key has ended, and those noted before `stale` that became
    /// no key. From now on none of them can become one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn doomed_objects(
        &self,
        token: &str,
        stale: Timestamp,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Doomed>, PortError> {
        let connection = self.database.connection();
        let ended = Query::select()
            .column(signing_key::Column::Kid)
            .from(signing_key::Entity)
            .and_where(signing_key::Column::State.is_not_in(SERVED))
            .to_owned();
        // What a key came of is never noted again, and a key that has ended never comes back: neither can change meanwhile.
        let needless = Condition::any()
            .add(
                Condition::all()
                    .add(token_object::Column::Kid.is_null())
                    .add(token_object::Column::NotedAt.lt(stale.unix_millis())),
            )
            .add(token_object::Column::Kid.in_subquery(ended));
        token_object::Entity::update_many()
            .col_expr(token_object::Column::Doomed, Expr::value(true))
            .filter(token_object::Column::Token.eq(token))
            .filter(token_object::Column::Doomed.eq(false))
            .filter(needless)
            .exec(connection)
            .await
            .map_err(failed)?;
        let doomed = token_object::Entity::find()
            .filter(token_object::Column::Token.eq(token))
            .filter(token_object::Column::Doomed.eq(true))
            .filter(token_object::Column::Name.gt(after))
            .order_by_asc(token_object::Column::Name)
            .limit(limit);
        let rows = doomed.all(connection).await.map_err(failed)?;
        Ok(rows.into_iter().map(|row| Doomed { name: row.name, object_id: row.object_id }).collect())
    }

    /// Forgets a key pair that the token has destroyed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_object(&self, doomed: &Doomed) -> Result<(), PortError> {
        self.forget(&doomed.name).await
    }

    async fn forget(&self, name: &str) -> Result<(), PortError> {
        let gone = token_object::Entity::delete_by_id(name).exec(self.database.connection());
        gone.await.map(drop).map_err(failed)
    }

    /// Forgets every note of a token that is lost with what it held, and records of each served key that it was given up. How
    /// many those were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_up_token(&self, token: &str, cause: &Cause, at: Timestamp) -> Result<usize, PortError> {
        let (token, cause) = (token.to_owned(), cause.clone());
        let given_up = self.database.transaction(async move |transaction| {
            alone(transaction).await?;
            let entries = given_up(&token, transaction).await?;
            let keys = entries.len();
            record(entries, &cause, at, transaction).await?;
            let notes = token_object::Entity::delete_many().filter(token_object::Column::Token.eq(&*token));
            notes.exec(transaction).await?;
            Ok::<_, StoreError>(keys)
        });
        given_up.await.map_err(refused)
    }

    /// The labels of the tokens that hold keys, each with how many it holds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept_in_tokens(&self) -> Result<Vec<(String, u64)>, PortError> {
        let counted = token_object::Entity::find()
            .select_only()
            .column(token_object::Column::Token)
            .column_as(token_object::Column::Name.count(), "keys")
            .filter(token_object::Column::Kid.is_not_null())
            .filter(token_object::Column::Doomed.eq(false))
            .group_by(token_object::Column::Token)
            .order_by_asc(token_object::Column::Token)
            .into_tuple::<(String, i64)>();
        let counted = counted.all(self.database.connection()).await.map_err(failed)?;
        Ok(counted.into_iter().map(|(label, keys)| (label, convert::unsigned(keys))).collect())
    }
}

/// The served keys that a token was noted to keep.
async fn given_up(token: &str, transaction: &impl ConnectionTrait) -> Result<Vec<Entry>, StoreError> {
    let noted = Query::select()
        .column(token_object::Column::Kid)
        .from(token_object::Entity)
        .and_where(token_object::Column::Token.eq(token))
        .and_where(token_object::Column::Kid.is_not_null())
        .to_owned();
    let keys = signing_key::Entity::find()
        .find_also_related(key_ring::Entity)
        .filter(signing_key::Column::Kid.in_subquery(noted))
        .filter(signing_key::Column::State.is_in(SERVED))
        .order_by_asc(signing_key::Column::Kid);
    let entry = |(key, ring): (signing_key::Model, Option<key_ring::Model>)| {
        // What cannot be read is not named, and given up all the same.
        let (kid, tenant) = (key.kid.parse().ok()?, ring?.tenant_id.parse().ok()?);
        let deed = Deed::plain(Some(kid), DeedKind::GivenUp);
        Some(Entry { ring_id: key.ring_id, tenant, deed, resealed: None })
    };
    Ok(keys.all(transaction).await?.into_iter().filter_map(entry).collect())
}

/// Says that the key pair `name` became the key `kid`; false when it is given up already.
pub(super) async fn become_key(
    name: &ObjectName,
    kid: &Kid,
    transaction: &impl ConnectionTrait,
) -> Result<bool, DbErr> {
    let became = token_object::Entity::update_many()
        .col_expr(token_object::Column::Kid, Expr::value(kid.as_str()))
        .filter(token_object::Column::Name.eq(name.as_str()))
        .filter(token_object::Column::Kid.is_null())
        .filter(token_object::Column::Doomed.eq(false))
        .exec(transaction)
        .await?;
    Ok(became.rows_affected == 1)
}
