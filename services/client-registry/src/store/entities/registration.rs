//! What manages a client that registered itself.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// Of the registration access token.
    pub scheme: i32,
    pub hash: Vec<u8>,
    pub created_at: i64,
    /// The keyed hash of where it was registered from; `None`: not kept.
    pub source: Option<Vec<u8>>,
    /// When a user first let the client act.
    pub used_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
