//! Brings a database's schema up to date.

use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::{Backend, Database, StoreError};

impl Database {
    /// Applies every migration of `M` that is missing, all in one transaction. Replicas that start together wait for
    /// each other: on PostgreSQL by an advisory lock, on SQLite by its one writer.
    ///
    /// # Errors
    /// When a migration fails (nothing is applied then), or one is recorded that `M` does not know.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        if self.backend() == Backend::Postgres {
            // The wait for another replica's migration is no slow statement.
            transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        }
        M::up(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }
}

/// "mintage" in bytes.
const MIGRATION_LOCK: i64 = 0x006d_696e_7461_6765;
