//! A code, found by its digest; kept after it was redeemed, so that a second use is seen.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub grant_id: String,
    pub redirect_uri: String,
    pub challenge: Option<String>,
    pub nonce: Option<String>,
    pub scopes: String,
    pub session_id: Option<String>,
    pub auth_time: i64,
    pub tell_auth_time: bool,
    pub ends_at: i64,
    pub redeemed_at: Option<i64>,
    pub family_id: Option<String>,
    /// `None`: a release wrote it that did not note it.
    pub issuer: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
