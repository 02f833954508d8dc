//! Where the database is and how long to wait for it.

use std::fmt;
use std::time::Duration;

/// How to reach a database.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// `sqlite://path?mode=rwc`, `sqlite::memory:` or `postgres://user:password@host/database`.
    pub url: String,
    /// Connections of the pool, 1 or more. SQLite has one writer, so it always gets one connection.
    pub max_connections: u32,
    /// How long a caller waits for a free connection before the database counts as unavailable.
    pub acquire_timeout: Duration,
    /// How long one statement may run. On SQLite: how long it waits for another process's lock.
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// The defaults for the database at `url`.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: "sqlite::memory:".to_owned(),
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5),
        }
    }
}

/// A PostgreSQL URL carries a password.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, max_connections, acquire_timeout, statement_timeout } = self;
        f.debug_struct("DatabaseSettings")
            .field("url", &without_user_info(url))
            .field("max_connections", max_connections)
            .field("acquire_timeout", acquire_timeout)
            .field("statement_timeout", statement_timeout)
            .finish()
    }
}

fn without_user_info(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://[redacted]@{rest}"),
        _ => url.split('?').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b34_the_password_of_a_database_url_is_not_shown() {
        let shown = format!("{:?}", DatabaseSettings::at("postgres://mint:can@ary@db.internal/registry"));
        assert!(!shown.contains("can") && !shown.contains("ary@"), "{shown}");
        assert!(shown.contains("db.internal/registry"), "{shown}");
        let shown = format!("{:?}", DatabaseSettings::at("postgres://db.internal/registry?password=canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
