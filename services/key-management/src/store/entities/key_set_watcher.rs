//! A watcher that counts, and the version of its tenant's key set that it holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_set_watchers")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) replica_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) seat: i64,
    pub(in crate::store) tenant_id: String,
    pub(in crate::store) watcher: String,
    /// 0 until it has acknowledged one.
    pub(in crate::store) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
