//! Keys that follow each other by themselves: what a ring's own policy is, until when a key signs and how long its tokens
//! live, and the record of what was done.
//!
//! A ring may hold several announced keys from now on. A program of the release before reads what this one writes; only a
//! ring with several, which a policy of seconds asks for, it does not.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer_null, pk_auto, string, text_null};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_rotation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in ["period", "jitter", "announce_window", "retire_window", "overdue", "held_since"] {
            manager.alter_table(added("key_rings", big_integer_null(column))).await?;
        }
        for column in ["expires_at", "announced_in"] {
            manager.alter_table(added("signing_keys", big_integer_null(column))).await?;
        }
        manager.alter_table(added("signing_keys", integer_null("longest_token"))).await?;
        let one_announced = Index::drop().name("signing_keys_one_pending").table("signing_keys").to_owned();
        manager.drop_index(one_announced).await?;
        manager.create_table(facts()).await?;
        let by_tenant =
            Index::create().name("key_facts_by_tenant").table("key_facts").col("tenant_id").col("id").to_owned();
        manager.create_index(by_tenant).await
    }
}

fn added(table: &'static str, column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).to_owned()
}

fn facts() -> TableCreateStatement {
    Table::create()
        .table("key_facts")
        .col(pk_auto("id").big_integer())
        .col(big_integer("ring_id"))
        .col(string("tenant_id"))
        .col(text_null("kid"))
        .col(string("deed"))
        .col(big_integer("at"))
        .col(string("author"))
        .col(text_null("reason"))
        .foreign_key(ForeignKey::create().name("key_facts_ring").from("key_facts", "ring_id").to("key_rings", "id"))
        .to_owned()
}
