//! Removals of key rings may be noted before it is known whether they are needed.

use sea_orm_migration::prelude::{ColumnDef, DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait};

pub(super) struct RemovalsFallDue;

impl MigrationName for RemovalsFallDue {
    fn name(&self) -> &str {
        "m0002_removals_fall_due"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for RemovalsFallDue {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was owed before, and what an older replica owes, is due at once.
        let due_at = ColumnDef::new("due_at").big_integer().not_null().default(0_i64).to_owned();
        manager.alter_table(Table::alter().table("ring_removal").add_column(due_at).to_owned()).await
    }
}
