//! That a user signed in, in one browser, and what failed there since.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_browser")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    /// The keyed hash of what the browser holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    pub failures: i32,
    pub locked_until: i64,
    pub ends_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
