//! A table to try the store on.

use mintage_store::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use sea_orm_migration::prelude::{
    ColumnDef, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, Table, async_trait,
};

pub(crate) struct Schema;

impl MigratorTrait for Schema {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Counters)]
    }
}

struct Counters;

impl MigrationName for Counters {
    fn name(&self) -> &str {
        "counters"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Counters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("counter")
            .col(ColumnDef::new("name").text().not_null().primary_key())
            .col(ColumnDef::new("value").big_integer().not_null());
        manager.create_table(table).await
    }
}

/// A migration in so many words.
pub(crate) struct Sql(pub(crate) &'static str, pub(crate) &'static [&'static str]);

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.0
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.1 {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

pub(crate) async fn insert(target: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    run(target, "INSERT INTO counter (name, value) VALUES ($1, 0)", name).await
}

pub(crate) async fn increment(target: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    run(target, "UPDATE counter SET value = value + 1 WHERE name = $1", name).await
}

async fn run(target: &impl ConnectionTrait, sql: &str, name: &str) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(target.get_database_backend(), sql, [Value::from(name.to_owned())]);
    target.execute_raw(statement).await.map(|_| ())
}

pub(crate) async fn value(database: &Database, name: &str) -> Result<Option<i64>, DbErr> {
    let target = database.connection();
    let statement = Statement::from_sql_and_values(
        target.get_database_backend(),
        "SELECT value FROM counter WHERE name = $1",
        [Value::from(name.to_owned())],
    );
    target.query_one_raw(statement).await?.map(|row| row.try_get("", "value")).transpose()
}
