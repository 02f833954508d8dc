//! Work that one process does at a time, of all that have the database.

use std::future::Future;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::connection::silent;
use crate::{Backend, Database, StoreError};

impl Database {
    /// Does `work` while nobody else does work under the same `lock`, in whichever process: on PostgreSQL by an advisory
    /// lock, for which it waits `patience`. On SQLite at once: nothing is locked there.
    ///
    /// The lock holds a connection of this pool for as long as the work lasts, so that the work needs a pool of its own.
    /// Whose connection breaks, or whose work takes longer than ten minutes, has the lock no more and goes on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the lock is not to be had in time; nothing of the work is done then.
    pub async fn alone<T>(
        &self,
        lock: i64,
        patience: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, StoreError> {
        if self.backend() == Backend::Sqlite {
            return Ok(work.await);
        }
        let locked = tokio::time::timeout(patience, self.lock(lock)).await.map_err(|_| silent())??;
        let done = work.await;
        if let Err(cause) = locked.rollback().await {
            tracing::warn!(%cause, "a lock could not be given back in order");
        }
        Ok(done)
    }

    async fn lock(&self, lock: i64) -> Result<DatabaseTransaction, StoreError> {
        let transaction = self.begin().await?;
        // Neither the wait is a slow statement nor the work an idle transaction.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        transaction.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '10 min'").await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({lock})")).await?;
        Ok(transaction)
    }
}
