//! Under which issuer a code was asked for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_issuers_of_codes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut added = Table::alter();
        manager.alter_table(added.table("authorization_code").add_column(string_null("issuer")).to_owned()).await
    }
}
