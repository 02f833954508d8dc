//! What a reseal moved, and the names of keys of which nothing else is kept any more.
//!
//! A program of the release before writes facts without the one; a page of the record with a deed that it does not know it
//! cannot list. It makes keys without a look at the other: a thumbprint of a new key is none of an old one's.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer_null, string, text_null};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_record"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in [integer_null("resealed_keys"), text_null("resealed_from"), text_null("resealed_to")] {
            let added = Table::alter().table("key_facts").add_column(column).to_owned();
            manager.alter_table(added).await?;
        }
        // The oldest are looked for, to be taken out.
        let by_time = Index::create().name("key_facts_by_time").table("key_facts").col("at").to_owned();
        manager.create_index(by_time).await?;
        let spent = Table::create().table("spent_kids").col(string("kid").primary_key()).to_owned();
        manager.create_table(spent).await
    }
}
