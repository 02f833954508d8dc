//! Which tenant a user is of, and which API a grant is for, however often their names come back; and the ways to what is
//! left of those that are gone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_incarnations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("user_account", "tenant_incarnation"), ("user_grant", "resource_server_id")] {
            let mut added = Table::alter();
            manager.alter_table(added.table(table).add_column(string_null(column)).to_owned()).await?;
        }
        // Without an API there is none that could be another. The others are told apart once the registry is asked.
        let without_api = Query::update()
            .table("user_grant")
            .value("resource_server_id", "")
            .and_where(Expr::col("audience").eq(""))
            .to_owned();
        manager.execute(without_api).await?;
        for (table, columns) in INDEXES {
            let mut index = Index::create();
            index.name(format!("{table}_by_{}", columns.join("_"))).table(*table);
            for column in *columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

const INDEXES: &[(&str, &[&str])] = &[
    ("user_account", &["tenant_id", "tenant_incarnation"]),
    ("user_grant", &["tenant_id", "client_id"]),
    ("user_grant", &["tenant_id", "audience", "resource_server_id"]),
    ("interaction", &["tenant_id"]),
];
