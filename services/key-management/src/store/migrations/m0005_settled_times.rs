//! Keys whose times do not count yet, because nobody has seen that the change was kept which set them.
//!
//! The times stand in their columns as before, as early as they can be: a program of the release before acts on them as it
//! always did.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean_null;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0005_settled_times"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter().table("signing_keys").add_column(boolean_null("unsettled")).to_owned();
        manager.alter_table(added).await
    }
}
