//! What goes through a browser beside a code, found by the digest of its ticket.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "front_channel_ticket")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub grant_id: String,
    pub scopes: String,
    pub nonce: Option<String>,
    pub session_id: Option<String>,
    pub auth_time: i64,
    pub tell_auth_time: bool,
    pub token: bool,
    pub id_token: bool,
    pub ends_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
