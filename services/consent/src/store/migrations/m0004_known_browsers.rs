//! Browsers in which users signed in before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, integer, string};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_known_browsers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(known_browsers()).await?;
        let by_end = Index::create().name("known_browser_by_ends_at").table("known_browser").col("ends_at").to_owned();
        manager.create_index(by_end).await
    }
}

fn known_browsers() -> TableCreateStatement {
    Table::create()
        .table("known_browser")
        .col(string("user_id"))
        .col(binary("digest"))
        .col(integer("failures"))
        .col(big_integer("locked_until"))
        .col(big_integer("ends_at"))
        .primary_key(Index::create().col("user_id").col("digest"))
        .foreign_key(
            ForeignKey::create()
                .name("known_browser_user_account")
                .from("known_browser", "user_id")
                .to("user_account", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
