//! Where the database is and how long to wait for it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How to reach a database.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// `sqlite://path?mode=rwc`, `sqlite::memory:` or `postgres://user:password@host/database`.
    pub url: String,
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
    /// milliseconds to 10 minutes.
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// The defaults for the database at `url`.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The URL without the password in it.
    #[must_use]
    pub fn shown_url(&self) -> String {
        without_user_info(&self.url)
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: "sqlite::memory:".to_owned(), pool: PoolSettings::default() }
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

const SHORTEST: Duration = Duration::from_millis(10);

/// A PostgreSQL URL carries a password.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, pool } = self;
        f.debug_struct("DatabaseSettings").field("url", &without_user_info(url)).field("pool", pool).finish()
    }
}

fn without_user_info(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://[redacted]@{rest}"),
        _ => url.split('?').next().unwrap_or_default().to_owned(),
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

    #[test]
    fn b34_the_password_of_a_database_url_is_not_shown() {
        let shown = format!("{:?}", DatabaseSettings::at("postgres://mint:can@ary@db.internal/registry"));
        assert!(!shown.contains("can") && !shown.contains("ary@"), "{shown}");
        assert!(shown.contains("db.internal/registry"), "{shown}");
        let shown = format!("{:?}", DatabaseSettings::at("postgres://db.internal/registry?password=canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
