//! What a database answers, sorted into what a caller can act on.

use std::borrow::Cow;

use sea_orm::sqlx::Error as DriverError;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Why the store did not do what it was asked. The text is for the log; it never leaves the process.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key or a foreign key stands against it.
    #[error("another row is in the way")]
    Conflict(#[source] DbErr),
    /// The database does not answer, not in time, or lets another go first. Later it may.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// A fault of ours or of the data.
    #[error("the database refused the statement")]
    Internal(#[source] DbErr),
}

impl StoreError {
    /// Whether a transaction that met it should run again: it was undone because of another one, nothing else.
    #[must_use]
    pub fn lost_a_race(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if driver_code(cause).is_some_and(|code| is_lost_race(&code)))
    }
}

/// An error of the work in a transaction, which may have come from the store. The transaction looks through it for a
/// lost race.
pub trait CarriesStoreError: From<StoreError> {
    /// The store's part in it.
    fn store_error(&self) -> Option<&StoreError>;
}

impl CarriesStoreError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl From<DbErr> for StoreError {
    fn from(cause: DbErr) -> Self {
        match cause.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_)) => {
                Self::Conflict(cause)
            }
            _ if is_unavailable(&cause) => Self::Unavailable(cause),
            _ => Self::Internal(cause),
        }
    }
}

fn is_unavailable(cause: &DbErr) -> bool {
    match cause {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(driver)) | DbErr::Query(RuntimeErr::SqlxError(driver)) => {
            match driver.as_ref() {
                DriverError::Io(_)
                | DriverError::Tls(_)
                | DriverError::PoolTimedOut
                | DriverError::PoolClosed
                | DriverError::WorkerCrashed
                | DriverError::BeginFailed => true,
                DriverError::Database(refusal) => {
                    refusal.code().is_some_and(|code| is_lost_race(&code) || is_overloaded(&code))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn driver_code(cause: &DbErr) -> Option<String> {
    match cause {
        DbErr::Exec(RuntimeErr::SqlxError(driver))
        | DbErr::Query(RuntimeErr::SqlxError(driver))
        | DbErr::Conn(RuntimeErr::SqlxError(driver)) => {
            driver.as_database_error().and_then(DatabaseError::code).map(Cow::into_owned)
        }
        _ => None,
    }
}

/// PostgreSQL: serialization failure, deadlock. SQLite: busy, snapshot overtaken, shared cache locked.
fn is_lost_race(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "5" | "6" | "261" | "517")
}

/// PostgreSQL: connection lost (08), out of resources (53), shutting down (57P0x), statement timeout (57014), lock
/// timeout (55P03), nothing happened in a transaction for too long (25P03), it may only be read (25006): while it changes
/// hands, or its disk is full.
fn is_overloaded(code: &str) -> bool {
    code.len() == 5 && (code.starts_with("08") || code.starts_with("53") || code.starts_with("57P"))
        || matches!(code, "57014" | "55P03" | "25P03" | "25006")
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnAcquireErr;

    use super::*;

    #[test]
    fn a_pool_without_a_free_connection_is_unavailable_and_lost_no_race() {
        let error = StoreError::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        assert!(matches!(error, StoreError::Unavailable(_)) && !error.lost_a_race());
    }

    #[test]
    fn what_has_no_better_name_is_internal() {
        assert!(matches!(StoreError::from(DbErr::Custom("odd".to_owned())), StoreError::Internal(_)));
    }
}
