//! Brings a database's schema up to date.

use std::time::Duration;

use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager};

use crate::connection::silent;
use crate::{Backend, Database, StoreError};

impl Database {
    /// Applies every migration of `M` that is missing, all in one transaction. Replicas that start together wait for
    /// each other: on PostgreSQL by an advisory lock, on SQLite by its one writer. Over a network it ends within an hour,
    /// and waits for a table no longer than a transaction may take: behind it, everyone else waits.
    ///
    /// # Errors
    /// When a migration fails (nothing is applied then), or one is missing while another is recorded that `M` does not
    /// know; [`StoreError::Unavailable`] when the time is up.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        if !self.connection().is_far() {
            return self.migrate_in::<M>(self.begin().await?).await;
        }
        let begun = tokio::time::timeout(self.pool.patience(self.pool.statement_timeout), self.begin()).await;
        let transaction = begun.map_err(|_| silent())??;
        tokio::time::timeout(LONGEST, self.migrate_in::<M>(transaction)).await.map_err(|_| silent())?
    }

    async fn migrate_in<M: MigratorTrait>(&self, transaction: DatabaseTransaction) -> Result<(), StoreError> {
        if self.backend() == Backend::Postgres {
            // The wait for another replica's migration is no slow statement.
            transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
            let tables = self.pool.transaction_timeout().as_millis();
            transaction.execute_unprepared(&format!("SET LOCAL lock_timeout = {tables}")).await?;
        }
        // A program that was put back finds migrations it does not know, and nothing to do.
        if schema_of::<M, _>(&transaction).await? != Schema::Current {
            M::up(&transaction, None).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// How the schema stands to `M`. Reads only. What a newer program has added to it is no matter: migrations expand
    /// before they contract.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema<M: MigratorTrait>(&self) -> Result<Schema, StoreError> {
        let connection = self.connection();
        Ok(connection.in_time(schema_of::<M, _>(connection.pool())).await?)
    }
}

async fn schema_of<'c, M, C>(connection: &'c C) -> Result<Schema, DbErr>
where
    M: MigratorTrait,
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    let table = M::migration_table_name().to_string();
    let mut applied = Vec::new();
    if SchemaManager::new(connection).has_table(&table).await? {
        let names = Query::select().column("version").from(M::migration_table_name()).to_owned();
        let rows = connection.query_all(&names).await?;
        applied = rows.iter().map(|row| row.try_get_by::<String, _>("version")).collect::<Result<_, _>>()?;
    }
    let known = M::get_migration_files();
    let missing = known.iter().filter(|migration| !applied.iter().any(|name| name == migration.name())).count();
    Ok(if missing == 0 { Schema::Current } else { Schema::Older { missing } })
}

/// How a database's schema stands to what a program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Everything is there.
    Current,
    /// Migrations are missing.
    Older {
        /// How many.
        missing: usize,
    },
}

/// More than all tables together take.
const LONGEST: Duration = Duration::from_hours(1);
/// "mintage" in bytes.
const MIGRATION_LOCK: i64 = 0x006d_696e_7461_6765;
