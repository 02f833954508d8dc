//! A key's row. It stays for long when the key has ended, without its private half; then its kid alone stays (`spent_kid`).

use sea_orm::entity::prelude::*;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) kid: String,
    pub(in crate::store) ring_id: i64,
    pub(in crate::store) state: String,
    pub(in crate::store) created_at: i64,
    pub(in crate::store) since: i64,
    pub(in crate::store) ready_at: Option<i64>,
    pub(in crate::store) next_step_at: Option<i64>,
    /// Until when it signs; absent where a release before this column made it.
    pub(in crate::store) expires_at: Option<i64>,
    /// The longest life of its tokens, in seconds; absent where a release before this column made it.
    pub(in crate::store) longest_token: Option<i32>,
    /// The revision that announced it.
    pub(in crate::store) announced_in: Option<i64>,
    /// Whether the times of its state count only from when somebody reads it; absent where a release before this column made
    /// it, whose times count as they are.
    pub(in crate::store) unsettled: Option<bool>,
    pub(in crate::store) jwk: Option<String>,
    pub(in crate::store) sealed_under: Option<String>,
    pub(in crate::store) sealed_nonce: Option<Vec<u8>>,
    pub(in crate::store) sealed_private: Option<Vec<u8>>,
    /// What it was noted by, if it is inside a token.
    pub(in crate::store) token_object: Option<String>,
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

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("kid", &self.kid).field("state", &self.state).finish_non_exhaustive()
    }
}
