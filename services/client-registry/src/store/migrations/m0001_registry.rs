//! The tables of the registry and its change feed.

use sea_orm_migration::prelude::{
    ColumnDef, DbErr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index, IndexCreateStatement,
    MigrationName, MigrationTrait, Query, SchemaManager, Table, TableCreateStatement, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

pub(super) struct Registry;

impl MigrationName for Registry {
    fn name(&self) -> &str {
        "m0001_registry"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Registry {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns(manager.get_database_backend());
        for table in columns.tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        let head = Query::insert()
            .into_table("feed_head")
            .columns(["id", "revision"])
            .values_panic([1.into(), 0_i64.into()])
            .to_owned();
        manager.execute(head).await
    }
}

struct Columns(DbBackend);

impl Columns {
    fn tables(&self) -> [TableCreateStatement; 9] {
        [
            self.tenant(),
            self.tenant_origin(),
            self.client(),
            self.client_secret(),
            self.resource_server(),
            self.client_grant(),
            self.feed_head(),
            self.change_log(),
            self.ring_removal(),
        ]
    }

    fn tenant(&self) -> TableCreateStatement {
        Table::create()
            .table("tenant")
            .col(self.key("id").primary_key())
            .col(text("display_name"))
            .col(text("error_profile"))
            .col(optional_text("default_audience"))
            .col(number("created_at"))
            .col(number("updated_at"))
            .to_owned()
    }

    fn tenant_origin(&self) -> TableCreateStatement {
        Table::create()
            .table("tenant_origin")
            .col(self.key("origin").primary_key())
            .col(self.key("tenant_id"))
            .col(ColumnDef::new("position").integer().not_null())
            .foreign_key(&mut of_tenant("tenant_origin"))
            .to_owned()
    }

    fn client(&self) -> TableCreateStatement {
        Table::create()
            .table("client")
            .col(self.key("tenant_id"))
            .col(self.key("client_id"))
            .col(text("name"))
            .col(text("party"))
            .col(ColumnDef::new("enabled").boolean().not_null())
            .col(text("metadata"))
            .col(text("grant_types"))
            .col(text("claim_mappings"))
            .col(number("created_at"))
            .col(number("updated_at"))
            .primary_key(Index::create().col("tenant_id").col("client_id"))
            .foreign_key(&mut of_tenant("client"))
            .to_owned()
    }

    fn client_secret(&self) -> TableCreateStatement {
        Table::create()
            .table("client_secret")
            .col(self.key("id").primary_key())
            .col(self.key("tenant_id"))
            .col(self.key("client_id"))
            .col(text("label"))
            .col(text("hint"))
            .col(ColumnDef::new("scheme").integer().not_null())
            .col(ColumnDef::new("hash").blob().not_null())
            .col(number("created_at"))
            .col(optional_number("not_after"))
            .col(optional_number("last_used_at"))
            .foreign_key(&mut of_client("client_secret"))
            .to_owned()
    }

    fn resource_server(&self) -> TableCreateStatement {
        Table::create()
            .table("resource_server")
            .col(self.key("tenant_id"))
            .col(self.key("id"))
            .col(self.key("identifier"))
            .col(text("name"))
            .col(text("scopes"))
            .col(text("algorithm"))
            .col(text("profile"))
            .col(ColumnDef::new("lifetime_seconds").integer().not_null())
            .col(text("claim_mappings"))
            .col(ColumnDef::new("is_system").boolean().not_null())
            .col(number("created_at"))
            .col(number("updated_at"))
            .primary_key(Index::create().col("tenant_id").col("id"))
            .foreign_key(&mut of_tenant("resource_server"))
            .to_owned()
    }

    fn client_grant(&self) -> TableCreateStatement {
        Table::create()
            .table("client_grant")
            .col(self.key("tenant_id"))
            .col(self.key("id"))
            .col(self.key("client_id"))
            .col(self.key("resource_server_id"))
            .col(self.key("audience"))
            .col(text("scopes"))
            .col(number("created_at"))
            .col(number("updated_at"))
            .primary_key(Index::create().col("tenant_id").col("id"))
            .foreign_key(&mut of_client("client_grant"))
            .foreign_key(&mut of_resource_server("client_grant"))
            .to_owned()
    }

    fn feed_head(&self) -> TableCreateStatement {
        Table::create()
            .table("feed_head")
            .col(ColumnDef::new("id").integer().not_null().primary_key())
            .col(number("revision"))
            .to_owned()
    }

    fn change_log(&self) -> TableCreateStatement {
        Table::create()
            .table("change_log")
            .col(number("revision").primary_key())
            .col(self.key("tenant_id"))
            .col(text("kind"))
            .col(optional_text("client_id"))
            .col(optional_text("audience"))
            .col(number("written_at"))
            .to_owned()
    }

    fn ring_removal(&self) -> TableCreateStatement {
        Table::create()
            .table("ring_removal")
            .col(self.key("tenant_id"))
            .col(self.key("resource_server_id"))
            .primary_key(Index::create().col("tenant_id").col("resource_server_id"))
            .to_owned()
    }

    /// Compared and ordered byte by byte on both databases.
    fn key(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.0 {
            DbBackend::Postgres => column.custom("text COLLATE \"C\""),
            _ => column.text(),
        };
        column.not_null().to_owned()
    }
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().to_owned()
}

fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn of_tenant(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "tenant_id").to("tenant", "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

fn of_client(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, ("tenant_id", "client_id"))
        .to("client", ("tenant_id", "client_id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn of_resource_server(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, ("tenant_id", "resource_server_id"))
        .to("resource_server", ("tenant_id", "id"))
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 5] {
    let index = |table: &'static str, name: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table(table).to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    [
        index("tenant_origin", "tenant_origin_of_tenant", &["tenant_id"]),
        index("client_secret", "client_secret_of_client", &["tenant_id", "client_id"]),
        index("resource_server", "resource_server_identifier", &["tenant_id", "identifier"]).unique().to_owned(),
        index("client_grant", "client_grant_pair", &["tenant_id", "client_id", "audience"]).unique().to_owned(),
        index("client_grant", "client_grant_for_api", &["tenant_id", "resource_server_id"]),
    ]
}
