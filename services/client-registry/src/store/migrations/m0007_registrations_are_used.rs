//! It is known of clients that registered themselves whether anybody uses them, and which came from one place.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};

pub(super) struct RegistrationsAreUsed;

impl MigrationName for RegistrationsAreUsed {
    fn name(&self) -> &str {
        "m0007_registrations_are_used"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for RegistrationsAreUsed {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ColumnDef::new("source").blob().null().to_owned(),
            ColumnDef::new("used_at").big_integer().null().to_owned(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("registration").add_column(column).to_owned()).await?;
        }
        // Nobody noted what was used before, so all of it counts as if it was.
        manager.get_connection().execute_unprepared("UPDATE registration SET used_at = created_at").await?;
        let by_age =
            Index::create().name("registration_by_created_at").table("registration").col("created_at").to_owned();
        manager.create_index(by_age).await
    }
}
