//! Key rings that are to be removed when due, unless they are needed then; an empty API means every ring of the tenant.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ring_removal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_server_id: String,
    pub due_at: i64,
    /// Noted before they are made: nothing has ever needed them.
    pub making: bool,
    /// Until when the replica that took the removal on has to carry it out; 0 when none did.
    pub claimed_until: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
