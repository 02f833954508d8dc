//! Keys inside tokens: which key is in one, and the note of what was made there.
//!
//! A program of the release before knows nothing of them, and cannot sign with one: none is made before the settings name a
//! token. A key that it ends leaves its note behind, which tells those of this release that the token still holds it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string, text_null};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0003_token_objects"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let in_token = Table::alter().table("signing_keys").add_column(text_null("token_object")).to_owned();
        manager.alter_table(in_token).await?;
        manager.create_table(objects()).await?;
        let doomed = Index::create()
            .name("token_objects_doomed")
            .table("token_objects")
            .col("token")
            .cond_where(Expr::col("doomed"))
            .to_owned();
        manager.create_index(doomed).await
    }
}

fn objects() -> TableCreateStatement {
    Table::create()
        .table("token_objects")
        .col(string("name").primary_key())
        .col(string("token"))
        .col(string("object_id"))
        .col(big_integer("noted_at"))
        .col(text_null("kid"))
        .col(boolean("doomed"))
        .to_owned()
}
