//! The connection to a service's own database.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, DbBackend};

use crate::{Connection, DatabaseSettings, Occupancy, PoolSettings, StoreError};

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    connection: Connection,
    pub(crate) pool: PoolSettings,
    statements: Arc<AtomicU64>,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when nothing answers at the URL.
    pub async fn connect(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let mut connection = crate::connect::connect(settings).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&statements);
        connection.set_metric_callback(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let connection = Connection::new(connection, settings);
        Ok(Self { connection, pool: settings.pool, statements })
    }

    /// What SeaORM reads and writes through outside a transaction. On SQLite it waits while a transaction runs: inside
    /// one, use the transaction.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.connection.get_database_backend() {
            DbBackend::Postgres => Backend::Postgres,
            _ => Backend::Sqlite,
        }
    }

    /// How many statements were executed since it was connected; BEGIN and COMMIT do not count.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How its pool stands.
    #[must_use]
    pub fn occupancy(&self) -> Occupancy {
        self.connection.callers().occupancy(self.connection.pool())
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it gives none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connection.in_time(self.connection.pool().ping()).await?)
    }

    /// Closes every connection; work under way is finished first.
    ///
    /// # Errors
    /// When a connection cannot be closed in order.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connection.pool().close_by_ref().await?)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({:?})", self.backend())
    }
}
