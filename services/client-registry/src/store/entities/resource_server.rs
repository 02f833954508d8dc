//! One API.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_server")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub identifier: String,
    pub name: String,
    pub scopes: String,
    pub algorithm: String,
    pub profile: String,
    pub lifetime_seconds: i32,
    pub claim_mappings: String,
    pub is_system: bool,
    pub allow_third_parties: bool,
    pub skip_consent: bool,
    pub allow_offline_access: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
