//! What was done to a key or its ring; a row is never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_facts")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key)]
    pub(in crate::store) id: i64,
    pub(in crate::store) ring_id: i64,
    pub(in crate::store) tenant_id: String,
    pub(in crate::store) kid: Option<String>,
    pub(in crate::store) deed: String,
    pub(in crate::store) at: i64,
    pub(in crate::store) author: String,
    pub(in crate::store) reason: Option<String>,
    /// How many private halves went from one master key to another, of a fact that says so.
    pub(in crate::store) resealed_keys: Option<i32>,
    /// The id of the one.
    pub(in crate::store) resealed_from: Option<String>,
    /// The id of the other.
    pub(in crate::store) resealed_to: Option<String>,
    /// What it came to, in words.
    pub(in crate::store) detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {
    #[sea_orm(belongs_to = "super::key_ring::Entity", from = "Column::RingId", to = "super::key_ring::Column::Id")]
    KeyRing,
}

impl Related<super::key_ring::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::KeyRing.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
