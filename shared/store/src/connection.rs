//! The way to a database outside a transaction, which does not wait for ever.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_orm_migration::async_trait;

use crate::DatabaseSettings;
use crate::occupancy::Callers;

/// What SeaORM reads and writes through outside a transaction. Each statement is answered in time, or counts as
/// unavailable: a server that is cut off says nothing at all, and TCP believes in it for a quarter of an hour.
#[derive(Clone)]
pub struct Connection {
    pool: DatabaseConnection,
    patience: Option<Duration>,
    callers: Arc<Callers>,
}

impl Connection {
    pub(crate) fn new(pool: DatabaseConnection, settings: &DatabaseSettings) -> Self {
        // SQLite is a library and no network; what is cut short there goes on in its thread all the same.
        let far = !settings.is_sqlite();
        let patience = far.then(|| settings.pool.patience(settings.pool.statement_timeout));
        Self { pool, patience, callers: Arc::default() }
    }

    /// Without bounds.
    pub(crate) const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Whether it leads over a network.
    pub(crate) const fn is_far(&self) -> bool {
        self.patience.is_some()
    }

    /// What `answer` brings, if it brings it in time.
    pub(crate) async fn in_time<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let _present = self.callers.enter();
        let outcome = match self.patience {
            Some(patience) => tokio::time::timeout(patience, answer).await.unwrap_or_else(|_| Err(silent())),
            None => answer.await,
        };
        self.callers.note(outcome)
    }

    /// Who else is there.
    pub(crate) fn callers(&self) -> &Callers {
        &self.callers
    }
}

/// Nothing was heard.
pub(crate) fn silent() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the server did not answer in time".to_owned()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.in_time(self.pool.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.in_time(self.pool.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.in_time(self.pool.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.in_time(self.pool.query_all_raw(statement)).await
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({:?})", self.get_database_backend())
    }
}
