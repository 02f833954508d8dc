//! Databases on the PostgreSQL server that the tests were given.

use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mintage_store::{Database, DatabaseSettings, PoolSettings};
use sea_orm::ConnectionTrait;

/// A database that is dropped with this value, connections or not.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    server: String,
    name: String,
}

impl PostgresDatabase {
    pub(crate) async fn create(server: String, name: String) -> Self {
        command(&server, format!("CREATE DATABASE {name}")).await;
        Self { server, name }
    }

    pub(crate) fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }
}

/// The last command runs on a thread with a runtime of its own. It waits until every backend of the server has noticed,
/// one too that is just greeting a connection of this very test: so the test's runtime must not stand still meanwhile,
/// and the thread is waited for in [`all_dropped`].
impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        let dropping = thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(command(&server, sql));
            }
        });
        if !thread::panicking() {
            DROPPING.lock().unwrap_or_else(PoisonError::into_inner).push(dropping);
        } else if dropping.join().is_err() {
            eprintln!("the test database {} was left behind", self.name);
        }
    }
}

/// Ends when the databases that were let go are gone.
#[expect(clippy::expect_used, reason = "a database that cannot be dropped is a failure of the test")]
pub(crate) async fn all_dropped() {
    let dropping = std::mem::take(&mut *DROPPING.lock().unwrap_or_else(PoisonError::into_inner));
    for thread in dropping {
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        joined.expect("the wait ends").expect("the test database is dropped");
    }
}

static DROPPING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// The server named by `MINTAGE_TEST_POSTGRES`.
#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
#[expect(clippy::panic, reason = "in CI a missing server is a failure, not a hint")]
pub(crate) fn server() -> Option<String> {
    static HINT: Once = Once::new();
    let server = std::env::var("MINTAGE_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
    if server.is_none() {
        if std::env::var("CI").is_ok_and(|value| value == "true") {
            panic!("MINTAGE_TEST_POSTGRES is not set, and CI runs every store test on PostgreSQL");
        }
        HINT.call_once(|| eprintln!("NOT RUN on PostgreSQL: set MINTAGE_TEST_POSTGRES"));
    }
    server
}

#[expect(clippy::expect_used, reason = "a test without a database has failed")]
async fn command(server: &str, sql: String) {
    let patience = Duration::from_secs(60);
    let pool = PoolSettings { max_connections: 1, statement_timeout: patience, ..PoolSettings::default() };
    let settings = DatabaseSettings { pool, ..DatabaseSettings::at(server) };
    let admin = Database::connect(&settings).await.expect("the server of MINTAGE_TEST_POSTGRES answers");
    admin.connection().execute_unprepared(&sql).await.expect("the role may create and drop databases");
    admin.close().await.expect("the connection closes");
}

/// Replaces the path of `postgres://user@host:port/path?query`.
fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, None), |(base, query)| (base, Some(query)));
    let authority_start = base.find("://").map_or(0, |at| at + 3);
    let authority_end = base.get(authority_start..).and_then(|rest| rest.find('/')).map(|at| authority_start + at);
    let authority = authority_end.and_then(|end| base.get(..end)).unwrap_or(base);
    query.map_or_else(|| format!("{authority}/{name}"), |query| format!("{authority}/{name}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_its_query_kept() {
        for (server, expected) in [
            ("postgres://u:p@h:5432/postgres", "postgres://u:p@h:5432/t"),
            ("postgres://h", "postgres://h/t"),
            ("postgres://h/postgres?host=/run/pg", "postgres://h/t?host=/run/pg"),
        ] {
            assert_eq!(with_database(server, "t"), expected);
        }
    }
}
