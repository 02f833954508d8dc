//! Where the database is and how long to wait for it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::postgres;

/// How to reach a database.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// `sqlite://path?mode=rwc`, `sqlite::memory:` or `postgres://user:password@host/database`, there with `sslmode`,
    /// `sslrootcert`, `sslcert` and `sslkey` as libpq has them. A server that is not on this machine must prove its name
    /// (`verify-full`) unless `sslmode=disable` is said; nothing between the two is taken. `options` come before the
    /// bounds of `pool`, which no URL undoes.
    pub url: String,
    /// The password of a PostgreSQL URL that holds none.
    pub password: Option<String>,
    /// How it is asked.
    pub pool: PoolSettings,
}

/// How a database is asked: over how many connections, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSettings {
    /// Connections of the pool: 10; 1 to 1000. SQLite has one writer, so it always gets one connection.
    pub max_connections: u32,
    /// How long a caller waits for a free connection before the database counts as unavailable: 5 seconds; 10
    /// milliseconds to a minute.
    pub acquire_timeout: Duration,
    /// How long one statement may run, on SQLite how long it waits for another process's lock: 5 seconds; 10
    /// milliseconds to 10 minutes. A transaction may take four times as long.
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// The defaults for the database at `url`.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The URL as it may be shown: without user and password.
    #[must_use]
    pub fn shown_url(&self) -> String {
        if self.is_sqlite() { self.url.clone() } else { postgres::shown(&self.url) }
    }

    /// Checks the URL; the pool's bounds are checked by [`PoolSettings::check`].
    ///
    /// # Errors
    /// When the URL cannot be used, or leaves open whether the server is who it says.
    pub fn check_url(&self) -> Result<(), DatabaseUrlError> {
        if !self.is_sqlite() {
            return postgres::options(self).map(drop);
        }
        match &self.password {
            Some(_) => Err(DatabaseUrlError::from("SQLite has no password")),
            None => Ok(()),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: "sqlite::memory:".to_owned(), password: None, pool: PoolSettings::default() }
    }
}

impl PoolSettings {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first setting that is out of its own.
    pub fn check(&self) -> Result<(), PoolError> {
        let Self { max_connections, acquire_timeout, statement_timeout } = self;
        if !(1..=1000).contains(max_connections) {
            return Err(PoolError("max_connections must be from 1 to 1000"));
        }
        if !(SHORTEST..=Duration::from_mins(1)).contains(acquire_timeout) {
            return Err(PoolError("acquire_timeout must be from 10 ms to 1 min"));
        }
        if !(SHORTEST..=Duration::from_mins(10)).contains(statement_timeout) {
            return Err(PoolError("statement_timeout must be from 10 ms to 10 min"));
        }
        Ok(())
    }

    /// How long a transaction may take.
    pub(crate) const fn transaction_timeout(&self) -> Duration {
        self.statement_timeout.saturating_mul(STATEMENTS_A_TRANSACTION)
    }

    /// How long an answer may take in all, where it comes over a network: longer than the server's own bounds, which say
    /// better what happened.
    pub(crate) const fn patience(&self, work: Duration) -> Duration {
        self.acquire_timeout.saturating_add(work).saturating_add(ON_THE_WAY)
    }
}

impl Default for PoolSettings {
    fn default() -> Self {
        let patience = Duration::from_secs(5);
        Self { max_connections: 10, acquire_timeout: patience, statement_timeout: patience }
    }
}

/// A setting is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PoolError(&'static str);

/// A database's URL cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrlError(pub(crate) String);

impl From<&str> for DatabaseUrlError {
    fn from(what: &str) -> Self {
        Self(what.to_owned())
    }
}

/// Never shows a value, which may be a password.
impl fmt::Display for DatabaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("this is no URL of a database") } else { f.write_str(&self.0) }
    }
}

impl std::error::Error for DatabaseUrlError {}

const SHORTEST: Duration = Duration::from_millis(10);
const STATEMENTS_A_TRANSACTION: u32 = 4;
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// A PostgreSQL URL carries a password.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSettings").field("url", &self.shown_url()).field("pool", &self.pool).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_that_nobody_could_use_is_refused_by_the_settings_name() {
        let fine = PoolSettings::default();
        assert_eq!(fine.check(), Ok(()));
        for (pool, name) in [
            (PoolSettings { max_connections: 0, ..fine }, "max_connections"),
            (PoolSettings { acquire_timeout: Duration::ZERO, ..fine }, "acquire_timeout"),
            (PoolSettings { statement_timeout: Duration::from_hours(1), ..fine }, "statement_timeout"),
        ] {
            assert!(pool.check().unwrap_err().to_string().starts_with(name), "{name}");
        }
    }
}
