//! The note of a key pair inside a token. It is written before the key is made, and goes when the token holds it no more.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_objects")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) name: String,
    /// The token's label.
    pub(in crate::store) token: String,
    /// The `CKA_ID`, in hexadecimal digits.
    pub(in crate::store) object_id: String,
    pub(in crate::store) noted_at: i64,
    /// The key that it became, once that was kept.
    pub(in crate::store) kid: Option<String>,
    /// Whether no key may become of it any more, and the token is to destroy it.
    pub(in crate::store) doomed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
