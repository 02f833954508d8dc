//! The refresh tokens that came of one sign-in: the digest is of the one that is good.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_family")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub digest: Vec<u8>,
    pub grant_id: String,
    pub scopes: String,
    pub session_id: Option<String>,
    pub auth_time: i64,
    pub tell_auth_time: bool,
    pub created_at: i64,
    pub used_at: i64,
    pub idle_millis: i64,
    pub ends_at: i64,
    /// Of the token that the good one was given for.
    pub previous_digest: Option<Vec<u8>>,
    /// When that was used. It is `used_at` too, unless a release has rotated since that keeps no previous token.
    pub previous_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
