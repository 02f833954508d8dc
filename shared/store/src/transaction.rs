//! A transaction that runs again when it lost a race, and only then.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::{CarriesStoreError, Database, StoreError};

impl Database {
    /// Runs `work` in a transaction: committed when it returns `Ok`, undone when it returns `Err` or is dropped.
    ///
    /// The isolation is the database's own: READ COMMITTED on PostgreSQL, so that what must be decided on unchanging
    /// rows locks one first (or updates it, as a counter); on SQLite one writer at a time, from the first statement on.
    /// `work` runs again, at most 5 times, when the database undid it for the sake of another transaction, and so must
    /// do nothing else that cannot be repeated.
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of beginning and committing.
    pub async fn transaction<T, E: CarriesStoreError>(
        &self,
        work: impl AsyncFn(&DatabaseTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut attempt = 1;
        loop {
            match self.attempt(&work).await {
                Err(error) if attempt < ATTEMPTS && error.store_error().is_some_and(StoreError::lost_a_race) => {
                    tracing::debug!(attempt, "a transaction lost a race and runs again");
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<T, E: CarriesStoreError>(
        &self,
        work: &impl AsyncFn(&DatabaseTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.begin().await?;
        match work(&transaction).await {
            Ok(done) => {
                transaction.commit().await.map_err(StoreError::from)?;
                Ok(done)
            }
            Err(error) => {
                if let Err(cause) = transaction.rollback().await {
                    tracing::warn!(%cause, "a transaction could not be rolled back in order");
                }
                Err(error)
            }
        }
    }

    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            // A transaction that reads first and then writes would otherwise fail when another wrote in between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.connection.begin_with_options(options).await?)
    }
}

const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(5);
