//! Rings, keys, and the counter of their changes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_null, boolean, integer, pk_auto, string, text_null,
};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_key_rings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(head()).await?;
        let first = Query::insert()
            .into_table("key_head")
            .columns(["id", "revision"])
            .values_panic([1.into(), 0_i64.into()])
            .to_owned();
        manager.execute(first).await?;
        manager.create_table(rings()).await?;
        for index in ring_indexes() {
            manager.create_index(index).await?;
        }
        manager.create_table(keys()).await?;
        for index in key_indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn head() -> TableCreateStatement {
    Table::create().table("key_head").col(integer("id").primary_key()).col(big_integer("revision")).to_owned()
}

fn rings() -> TableCreateStatement {
    Table::create()
        .table("key_rings")
        .col(pk_auto("id").big_integer())
        .col(string("tenant_id"))
        .col(string("algorithm"))
        .col(string("resource_server_id"))
        .col(big_integer("version"))
        .col(big_integer("revision"))
        .col(boolean("ended"))
        .to_owned()
}

fn ring_indexes() -> [IndexCreateStatement; 2] {
    let name = Index::create()
        .name("key_rings_by_name")
        .table("key_rings")
        .unique()
        .col("tenant_id")
        .col("algorithm")
        .col("resource_server_id")
        .to_owned();
    let revision = Index::create().name("key_rings_by_revision").table("key_rings").col("revision").to_owned();
    [name, revision]
}

fn keys() -> TableCreateStatement {
    Table::create()
        .table("signing_keys")
        .col(string("kid").primary_key())
        .col(big_integer("ring_id"))
        .col(string("state"))
        .col(big_integer("created_at"))
        .col(big_integer("since"))
        .col(big_integer_null("ready_at"))
        .col(big_integer_null("next_step_at"))
        .col(text_null("jwk"))
        .col(text_null("sealed_under"))
        .col(binary_null("sealed_nonce"))
        .col(binary_null("sealed_private"))
        .foreign_key(
            ForeignKey::create().name("signing_keys_ring").from("signing_keys", "ring_id").to("key_rings", "id"),
        )
        .to_owned()
}

fn key_indexes() -> [IndexCreateStatement; 4] {
    let by_ring = Index::create()
        .name("signing_keys_by_ring")
        .table("signing_keys")
        .col("ring_id")
        .col("created_at")
        .col("kid")
        .to_owned();
    let sealed = Index::create()
        .name("signing_keys_sealed")
        .table("signing_keys")
        .col("sealed_under")
        .cond_where(Expr::col("sealed_under").is_not_null())
        .to_owned();
    [by_ring, sealed, one_of_a_ring("active"), one_of_a_ring("pending")]
}

/// The database, too, refuses a second active or announced key.
fn one_of_a_ring(state: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("signing_keys_one_{state}"))
        .table("signing_keys")
        .col("ring_id")
        .unique()
        .cond_where(Expr::col("state").eq(state))
        .to_owned()
}
