//! What a browser answered, found by the digest of the handle.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "given_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub tenant_id: String,
    pub browser: Vec<u8>,
    pub request: Option<String>,
    pub page: String,
    pub session_id: Option<String>,
    pub said: String,
    pub code_digest: Option<Vec<u8>>,
    pub given_at: i64,
    pub ends_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
