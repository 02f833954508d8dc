//! A ring's row. It stays when the ring has ended, so that its version and revision only grow.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_rings")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key)]
    pub(in crate::store) id: i64,
    pub(in crate::store) tenant_id: String,
    pub(in crate::store) algorithm: String,
    /// Empty when the ring is of public keys.
    pub(in crate::store) resource_server_id: String,
    pub(in crate::store) version: i64,
    pub(in crate::store) revision: i64,
    pub(in crate::store) ended: bool,
    /// Its own policy, in milliseconds: all of the five or none.
    pub(in crate::store) period: Option<i64>,
    pub(in crate::store) jitter: Option<i64>,
    pub(in crate::store) announce_window: Option<i64>,
    pub(in crate::store) retire_window: Option<i64>,
    pub(in crate::store) overdue: Option<i64>,
    pub(in crate::store) held_since: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {
    #[sea_orm(has_many = "super::signing_key::Entity")]
    SigningKey,
    #[sea_orm(has_many = "super::key_fact::Entity")]
    KeyFact,
}

impl Related<super::signing_key::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SigningKey.def()
    }
}

impl Related<super::key_fact::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::KeyFact.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
