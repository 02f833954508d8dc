//! What browsers answered, for as long as the same answer may come again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, binary_null, string, string_null, text_null};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0005_given_answers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(given_answers()).await?;
        let by_end = Index::create().name("given_answer_by_ends_at").table("given_answer").col("ends_at").to_owned();
        manager.create_index(by_end).await
    }
}

/// A table of its own, and no column of `interaction`: the release before finds an answered interaction gone, as it should.
fn given_answers() -> TableCreateStatement {
    Table::create()
        .table("given_answer")
        .col(binary("digest").primary_key())
        .col(string("tenant_id"))
        .col(binary("browser"))
        .col(text_null("request"))
        .col(string("page"))
        .col(string_null("session_id"))
        .col(string("said"))
        .col(binary_null("code_digest"))
        .col(big_integer("given_at"))
        .col(big_integer("ends_at"))
        .to_owned()
}
