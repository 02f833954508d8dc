//! One application.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    pub name: String,
    pub party: String,
    pub enabled: bool,
    pub metadata: String,
    pub grant_types: String,
    pub claim_mappings: String,
    pub client_type: String,
    /// How it acts for users, as JSON.
    pub user_access: String,
    /// The same for names that look alike; `None`: an older release did not say.
    pub looks: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
