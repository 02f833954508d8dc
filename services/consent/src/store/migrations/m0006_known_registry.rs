//! Which registry the users here are of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_known_registry"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("known_registry")
            .col(string("tenant_id").primary_key())
            .col(string("incarnation"))
            .col(big_integer("known_since"))
            .to_owned();
        manager.create_table(table).await
    }
}
