//! Clients are found by what their names look like.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, ExprTrait};
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};

use crate::domain::looks_like;

pub(super) struct NamesLookAlike;

impl MigrationName for NamesLookAlike {
    fn name(&self) -> &str {
        "m0008_names_look_alike"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for NamesLookAlike {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A replica of the release before says nothing of it. Where it renames a client that had one already, what the old name
        // looked like stays until the next change of the client.
        let looks = ColumnDef::new("looks").text().null().to_owned();
        manager.alter_table(Table::alter().table("client").add_column(looks).to_owned()).await?;
        let connection = manager.get_connection();
        let all = Query::select().columns(["tenant_id", "client_id", "name"]).from("client").to_owned();
        for row in connection.query_all(&all).await? {
            let [tenant, client, name] =
                ["tenant_id", "client_id", "name"].map(|column| row.try_get::<String>("", column));
            let say = Query::update()
                .table("client")
                .value("looks", looks_like(&name?))
                .and_where(Expr::col("tenant_id").eq(tenant?))
                .and_where(Expr::col("client_id").eq(client?))
                .to_owned();
            connection.execute(&say).await?;
        }
        let by_looks = Index::create().name("client_by_looks").table("client").col("tenant_id").col("looks").to_owned();
        manager.create_index(by_looks).await
    }
}
