//! Clients act for users: where they are answered, what users may let them do, who may register more of them.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, ForeignKey, ForeignKeyAction, Index, MigrationName, MigrationTrait, SchemaManager, Table,
    TableCreateStatement, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

pub(super) struct UsersAndConsent;

impl MigrationName for UsersAndConsent {
    fn name(&self) -> &str {
        "m0006_users_and_consent"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for UsersAndConsent {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // First, since it locks out other writes.
        manager.get_connection().execute_unprepared(ANNOUNCE).await?;
        for (table, column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager.create_table(registration(manager.get_database_backend())).await?;
        manager.create_table(initial_access_token(manager.get_database_backend())).await?;
        for (scope, description) in SCOPES {
            manager.get_connection().execute_unprepared(&define(scope, description)).await?;
            manager.get_connection().execute_unprepared(&grant(scope)).await?;
        }
        Ok(())
    }
}

/// What there was acts for no user, and what an older replica writes does not either.
fn columns() -> [(&'static str, ColumnDef); 8] {
    let text = |name: &'static str, default: &str| ColumnDef::new(name).text().not_null().default(default).to_owned();
    let optional = |name: &'static str| ColumnDef::new(name).text().null().to_owned();
    let no = |name: &'static str| ColumnDef::new(name).boolean().not_null().default(false).to_owned();
    [
        ("client", text("client_type", "confidential")),
        ("client", text("user_access", "{}")),
        ("resource_server", no("allow_third_parties")),
        ("resource_server", no("skip_consent")),
        ("resource_server", no("allow_offline_access")),
        ("tenant", text("dynamic_registration", "off")),
        ("tenant", optional("colour")),
        ("tenant", optional("logo_uri")),
    ]
}

fn registration(backend: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("registration")
        .col(key(backend, "tenant_id"))
        .col(key(backend, "client_id"))
        .col(ColumnDef::new("scheme").integer().not_null())
        .col(ColumnDef::new("hash").blob().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("client_id"))
        .foreign_key(
            ForeignKey::create()
                .from("registration", ("tenant_id", "client_id"))
                .to("client", ("tenant_id", "client_id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn initial_access_token(backend: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("initial_access_token")
        .col(key(backend, "tenant_id"))
        .col(ColumnDef::new("hash").blob().not_null())
        .col(ColumnDef::new("scheme").integer().not_null())
        .col(ColumnDef::new("uses_left").integer().not_null())
        .col(ColumnDef::new("not_after").big_integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("hash"))
        .foreign_key(
            ForeignKey::create()
                .from("initial_access_token", "tenant_id")
                .to("tenant", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

/// Compared byte by byte on both databases.
fn key(backend: DbBackend, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match backend {
        DbBackend::Postgres => column.custom("text COLLATE \"C\""),
        _ => column.text(),
    };
    column.not_null().to_owned()
}

/// Nobody can change a Management API, so nobody could have defined it.
fn define(scope: &str, description: &str) -> String {
    format!(
        r#"UPDATE resource_server
           SET scopes = substr(scopes, 1, length(scopes) - 1) || ',{{"value":"{scope}","description":"{description}"}}]'
           WHERE is_system = true AND scopes LIKE '%"value":"%' AND scopes NOT LIKE '%"{scope}"%'"#
    )
}

/// Nobody grants what it has not itself, so somebody must have it: who rules over all clients, what they are granted, and
/// what they are granted it for.
fn grant(scope: &str) -> String {
    format!(
        r#"UPDATE client_grant
           SET scopes = substr(scopes, 1, length(scopes) - 1) || ',"{scope}"]'
           WHERE audience = 'urn:mintage:management' AND scopes LIKE '%"delete:clients"%'
               AND scopes LIKE '%"update:client_grants"%' AND scopes LIKE '%"delete:resource_servers"%'
               AND scopes NOT LIKE '%"{scope}"%'"#
    )
}

/// A revision without a change: whoever meets the gap drops what it has cached.
const ANNOUNCE: &str = "UPDATE feed_head SET revision = revision + 1 \
     WHERE EXISTS (SELECT 1 FROM resource_server WHERE is_system = true)";

const SCOPES: [(&str, &str); 7] = [
    ("create:users", "Create users"),
    ("read:users", "Read users"),
    ("update:users", "Change users"),
    ("delete:users", "Delete users"),
    ("read:grants", "Read what users consented to"),
    ("delete:grants", "Revoke what users consented to"),
    ("create:initial_access_tokens", "Let others register clients"),
];
