//! Who watches key sets at which replica, and which version each holds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_watchers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let replicas =
            Table::create().table("watch_replicas").col(string("id").primary_key()).col(big_integer("beat")).to_owned();
        manager.create_table(replicas).await?;
        manager.create_table(watchers()).await?;
        let by_tenant =
            Index::create().name("key_set_watchers_by_tenant").table("key_set_watchers").col("tenant_id").to_owned();
        manager.create_index(by_tenant).await
    }
}

fn watchers() -> TableCreateStatement {
    Table::create()
        .table("key_set_watchers")
        .col(string("replica_id"))
        .col(big_integer("seat"))
        .col(string("tenant_id"))
        .col(string("watcher"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("replica_id").col("seat"))
        .to_owned()
}
