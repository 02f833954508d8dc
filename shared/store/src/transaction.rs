//! A transaction that runs again when it lost a race, and only then.

use std::future::Future;
use std::time::Duration;

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::connection::silent;
use crate::{CarriesStoreError, Database, StoreError};

/// What is to be done in a transaction: [`Database::transaction`] takes a closure, which must own what it uses when the
/// future is to be `Send`; this may borrow.
pub trait Work: Sync {
    /// What it brings.
    type Done: Send;
    /// Why it fails.
    type Error: CarriesStoreError + Send;

    /// Does it; once more, if the first time was undone for the sake of another transaction.
    fn run(&self, transaction: &DatabaseTransaction) -> impl Future<Output = Result<Self::Done, Self::Error>> + Send;
}

impl Database {
    /// Runs `work` in a transaction: committed when it returns `Ok`, undone when it returns `Err` or is dropped.
    ///
    /// The isolation is the database's own: READ COMMITTED on PostgreSQL, so that what must be decided on unchanging
    /// rows locks one first (or updates it, as a counter); on SQLite one writer at a time, from the first statement on.
    /// `work` runs again, 5 times in all, when the database undid it for the sake of another transaction, and so must
    /// do nothing else that cannot be repeated. Over a network each run ends in time: after the wait for a connection, four
    /// times as long as one statement may take, and a second.
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of beginning and committing.
    pub async fn transaction<T, E: CarriesStoreError>(
        &self,
        work: impl AsyncFn(&DatabaseTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut attempts = Attempts::default();
        loop {
            let once = async {
                let transaction = self.begin().await?;
                let outcome = work(&transaction).await;
                end(transaction, outcome).await
            };
            let outcome = self.in_time(once).await;
            if !attempts.is_another_due(&outcome) {
                return outcome;
            }
            attempts.pause().await;
        }
    }

    /// As [`Database::transaction`].
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of beginning and committing.
    pub async fn run<W: Work>(&self, work: &W) -> Result<W::Done, W::Error> {
        let mut attempts = Attempts::default();
        loop {
            let once = async {
                let transaction = self.begin().await?;
                let outcome = work.run(&transaction).await;
                end(transaction, outcome).await
            };
            let outcome = self.in_time(once).await;
            if !attempts.is_another_due(&outcome) {
                return outcome;
            }
            attempts.pause().await;
        }
    }

    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            // A transaction that reads first and then writes would otherwise fail when another wrote in between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self.connection().pool().begin_with_options(options).await;
        Ok(self.connection().callers().note(begun)?)
    }

    /// What `once` brings, if it brings it in time. Of a transaction that is cut off while it commits nobody knows how it
    /// ended, just as when the connection is lost there.
    async fn in_time<T, E: From<StoreError>>(&self, once: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let _present = self.connection().callers().enter();
        if !self.connection().is_far() {
            return once.await;
        }
        let patience = self.pool.patience(self.pool.transaction_timeout());
        tokio::time::timeout(patience, once).await.unwrap_or_else(|_| Err(StoreError::from(silent()).into()))
    }
}

async fn end<T, E: CarriesStoreError>(transaction: DatabaseTransaction, outcome: Result<T, E>) -> Result<T, E> {
    if outcome.is_ok() {
        transaction.commit().await.map_err(StoreError::from)?;
    } else if let Err(cause) = transaction.rollback().await {
        tracing::warn!(%cause, "a transaction could not be rolled back in order");
    }
    outcome
}

#[derive(Default)]
struct Attempts(u32);

impl Attempts {
    fn is_another_due<T, E: CarriesStoreError>(&mut self, outcome: &Result<T, E>) -> bool {
        self.0 += 1;
        let lost = outcome.as_ref().err().and_then(E::store_error).is_some_and(StoreError::lost_a_race);
        lost && self.0 < ATTEMPTS
    }

    async fn pause(&self) {
        tracing::debug!(attempt = self.0, "a transaction lost a race and runs again");
        tokio::time::sleep(PAUSE * self.0).await;
    }
}

const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(5);
