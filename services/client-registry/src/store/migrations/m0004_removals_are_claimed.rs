//! A removal of key rings is taken on by one replica, which then asks key-management for it without a transaction.

use sea_orm_migration::prelude::{ColumnDef, DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait};

pub(super) struct RemovalsAreClaimed;

impl MigrationName for RemovalsAreClaimed {
    fn name(&self) -> &str {
        "m0004_removals_are_claimed"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for RemovalsAreClaimed {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An older replica carries out what it has locked, and never sees what is claimed: that is due later.
        let claimed_until = ColumnDef::new("claimed_until").big_integer().not_null().default(0_i64).to_owned();
        manager.alter_table(Table::alter().table("ring_removal").add_column(claimed_until).to_owned()).await
    }
}
