//! A database of its own for each test.

use mintage_clock::Randomness;
use mintage_store::{Backend, Database, DatabaseSettings, PoolSettings};
use tempfile::TempDir;

use crate::postgres::PostgresDatabase;

/// An empty database that no other test sees; it is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    settings: DatabaseSettings,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Sqlite { _folder: TempDir },
    Postgres { _database: PostgresDatabase },
}

impl TestDatabase {
    /// A new SQLite file in a folder of its own.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without a database has failed")]
    pub fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        Self { settings: DatabaseSettings::at(url), home: Home::Sqlite { _folder: folder } }
    }

    /// A new PostgreSQL database, if `MINTAGE_TEST_POSTGRES` names a server.
    ///
    /// # Panics
    /// Without a server when `CI` is `true`: there, PostgreSQL is not optional.
    pub async fn postgres() -> Option<Self> {
        let server = crate::postgres::server()?;
        let name = format!("mintage_test_{}", Randomness::system().alphanumeric(16).to_ascii_lowercase());
        let database = PostgresDatabase::create(server, name).await;
        let pool = PoolSettings { max_connections: 4, ..PoolSettings::default() };
        let settings = DatabaseSettings { pool, ..DatabaseSettings::at(database.url()) };
        Some(Self { settings, home: Home::Postgres { _database: database } })
    }

    /// How to reach it.
    #[must_use]
    pub const fn settings(&self) -> &DatabaseSettings {
        &self.settings
    }

    /// Which backend it is on.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.home {
            Home::Sqlite { .. } => Backend::Sqlite,
            Home::Postgres { .. } => Backend::Postgres,
        }
    }

    /// A pool of its own, as another replica has.
    ///
    /// # Panics
    /// When it cannot be reached.
    #[expect(clippy::expect_used, reason = "a test without a database has failed")]
    pub async fn connect(&self) -> Database {
        Database::connect(&self.settings).await.expect("the test's own database answers")
    }
}

/// One empty database a backend that is at hand: SQLite always, PostgreSQL if `MINTAGE_TEST_POSTGRES` is set.
pub async fn databases() -> Vec<TestDatabase> {
    let mut found = vec![TestDatabase::sqlite()];
    found.extend(TestDatabase::postgres().await);
    found
}

/// Runs a test on each backend that is at hand, one after the other.
pub async fn on_each_backend(test: impl AsyncFn(TestDatabase)) {
    for database in databases().await {
        eprintln!("running on {:?}", database.backend());
        test(database).await;
        crate::postgres::all_dropped().await;
    }
}
