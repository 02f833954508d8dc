//! The note of somebody who is about to make keys is told from the removal that a deleted tenant left.

use sea_orm_migration::prelude::{ColumnDef, DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait};

pub(super) struct MakersNotes;

impl MigrationName for MakersNotes {
    fn name(&self) -> &str {
        "m0003_makers_notes"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for MakersNotes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Of what was noted before, and of what an older replica notes, nothing is known: it is taken for a removal.
        let making = ColumnDef::new("making").boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table("ring_removal").add_column(making).to_owned()).await
    }
}
