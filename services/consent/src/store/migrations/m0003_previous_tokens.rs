//! Which refresh token came before the one that is good, so that it is heard again where the answer to it was lost.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, binary_null};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0003_previous_tokens"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [binary_null("previous_digest"), big_integer_null("previous_used_at")] {
            manager.alter_table(Table::alter().table("refresh_family").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
