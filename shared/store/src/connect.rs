//! Opens the pool as each kind of database wants it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection};

use crate::{DatabaseSettings, StoreError, postgres};

pub(crate) async fn connect(settings: &DatabaseSettings) -> Result<DatabaseConnection, StoreError> {
    if settings.is_sqlite() { sqlite(settings).await } else { postgres::connect(settings).await }
}

async fn sqlite(settings: &DatabaseSettings) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(&settings.url);
    options.sqlx_logging(false).acquire_timeout(settings.pool.acquire_timeout);
    for_sqlite(&mut options, settings.pool.statement_timeout);
    make_for_its_owner(&settings.url);
    let mut tries = 0;
    loop {
        match sea_orm::Database::connect(options.clone()).await.map_err(StoreError::from) {
            // Processes that open a new SQLite file together race for its journal, and no busy timeout covers that.
            Err(error) if error.lost_a_race() && tries < MOST_TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// Makes a file that SQLite would make, readable by its owner alone: it comes to hold sealed keys and what passwords are
/// checked against. SQLite gives the log and the index beside it the same mode. One that is there keeps the mode that
/// somebody gave it, and why one cannot be made SQLite itself says when it opens it.
fn make_for_its_owner(url: &str) {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let is_made = url::form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "mode" && value == "rwc");
    if let Ok(options) = SqliteConnectOptions::from_str(url)
        && is_made
    {
        let _there_or_not = OpenOptions::new().append(true).create_new(true).mode(0o600).open(options.get_filename());
    }
}

/// One connection, kept for ever: SQLite has one writer, and a database in memory ends with its connection.
/// `synchronous=FULL`: in WAL mode anything less may lose an acknowledged write with the machine's power.
fn for_sqlite(options: &mut ConnectOptions, lock_timeout: Duration) {
    options.max_connections(1).min_connections(1).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(lock_timeout)
    });
}

const MOST_TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);
