//! Servers that end connections, are restarted, or fall silent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mintage_store::{Database, DatabaseSettings, PoolSettings, StoreError};
use mintage_testkit::{PostgresServer, TestDatabase};
use sea_orm::ConnectionTrait;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::schema::{Schema, increment, insert, value};

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let (replica, operator) = (test.connect().await, test.connect().await);
    replica.migrate::<Schema>().await.expect("migrates");
    insert(replica.connection(), "kept").await.expect("inserts");
    for round in 1..=3 {
        let ended = "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
        operator.connection().execute_unprepared(ended).await.expect("ends them");
        increment(replica.connection(), "kept").await.expect("a statement");
        let changed = replica.transaction(async |work| Ok::<_, StoreError>(increment(work, "kept").await?)).await;
        changed.expect("a transaction");
        assert_eq!(value(&replica, "kept").await.expect("reads"), Some(2 * round));
    }
}

/// A server that a test may stop, and a database on it that keeps one row.
async fn on_a_server_of_its_own() -> Option<(PostgresServer, DatabaseSettings, Database)> {
    let mut server = PostgresServer::create()?;
    server.start(&[]);
    let pool = PoolSettings { acquire_timeout: Duration::from_millis(500), ..PoolSettings::default() };
    let settings = DatabaseSettings { pool, ..DatabaseSettings::at(server.url("postgres")) };
    let database = Database::connect(&settings).await.expect("connects");
    database.migrate::<Schema>().await.expect("migrates");
    insert(database.connection(), "kept").await.expect("inserts");
    Some((server, settings, database))
}

#[tokio::test]
async fn a_server_that_was_restarted_is_found_again() {
    let Some((mut server, _, database)) = on_a_server_of_its_own().await else { return };

    for end in [PostgresServer::stop, PostgresServer::crash] {
        end(&mut server);
        let outcome = increment(database.connection(), "kept").await.map_err(StoreError::from);
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        let outcome: Result<(), StoreError> = database.transaction(async |_| Ok(())).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        server.start(&[]);
        increment(database.connection(), "kept").await.expect("it is back");
    }
    assert_eq!(value(&database, "kept").await.expect("reads"), Some(2));
}

#[tokio::test]
async fn a_standby_is_not_believed_though_it_answers() {
    let Some((mut server, settings, database)) = on_a_server_of_its_own().await else { return };

    server.stop();
    let signal = server.file("data/standby.signal", "");
    server.start(&[]);
    let outcome = value(&database, "kept").await.map_err(StoreError::from);
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    let outcome = database.ping().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    let outcome = Database::connect(&settings).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");

    server.stop();
    std::fs::remove_file(signal).expect("promoted");
    server.start(&[]);
    assert_eq!(value(&database, "kept").await.expect("a primary answers"), Some(0));
}

#[tokio::test]
async fn a_database_that_may_only_be_read_is_unavailable_for_writes() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let database = test.connect().await;
    database.migrate::<Schema>().await.expect("migrates");
    let outcome = database
        .transaction(async |work| {
            work.execute_unprepared("SET TRANSACTION READ ONLY").await?;
            Ok::<_, StoreError>(insert(work, "kept").await?)
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_transaction_that_the_server_ended_for_its_idleness_finds_it_unavailable() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let pool = PoolSettings { statement_timeout: Duration::from_millis(50), ..PoolSettings::default() };
    let idle = DatabaseSettings { pool, ..test.settings().clone() };
    let (idle, other) = (Database::connect(&idle).await.expect("connects"), test.connect().await);
    other.migrate::<Schema>().await.expect("migrates");
    insert(other.connection(), "shared").await.expect("inserts");
    let outcome = idle
        .transaction(async |work| {
            increment(work, "shared").await?;
            // Waits for the row, which is free again when the server has ended the transaction.
            increment(other.connection(), "shared").await?;
            Ok::<_, StoreError>(increment(work, "shared").await?)
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert_eq!(value(&other, "shared").await.expect("reads"), Some(1));
}

#[tokio::test]
async fn a_migration_on_a_server_that_says_nothing_ends() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let wire = Wire::to(&test).await;
    let soon = Duration::from_millis(300);
    let pool = PoolSettings { max_connections: 2, acquire_timeout: soon, statement_timeout: soon };
    let database = Database::connect(&wire.settings(&test, pool)).await.expect("connects");
    wire.swallow();
    let outcome = database.migrate::<Schema>().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable_in_time_and_holds_nothing_up_when_it_is_back() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let wire = Wire::to(&test).await;
    let soon = Duration::from_millis(300);
    let pool = PoolSettings { max_connections: 2, acquire_timeout: soon, statement_timeout: soon };
    let database = Database::connect(&wire.settings(&test, pool)).await.expect("connects");
    database.migrate::<Schema>().await.expect("migrates");
    insert(database.connection(), "kept").await.expect("inserts");

    wire.swallow();
    let mut asking = JoinSet::new();
    for _ in 0..4 {
        let replica = database.clone();
        asking.spawn(async move { value(&replica, "kept").await.map(drop).map_err(StoreError::from) });
        let outcome = database.transaction(async |work| Ok::<_, StoreError>(increment(work, "kept").await?)).await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
    for outcome in asking.join_all().await {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }

    // Connections from before stay as silent as they were: those of a server whose machine is gone.
    wire.heal();
    let answers = async { while value(&database, "kept").await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(20), answers).await.expect("the pool has room again");
}

#[tokio::test]
async fn what_a_replica_that_fell_silent_had_locked_is_free_again() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let wire = Wire::to(&test).await;
    let pool = PoolSettings { statement_timeout: Duration::from_millis(100), ..PoolSettings::default() };
    let silent = Database::connect(&wire.settings(&test, pool)).await.expect("connects");
    let other = test.connect().await;
    other.migrate::<Schema>().await.expect("migrates");
    insert(other.connection(), "shared").await.expect("inserts");

    let locked = Notify::new();
    let replica = silent.transaction(async |work| {
        increment(work, "shared").await?;
        locked.notify_one();
        std::future::pending::<()>().await;
        Ok::<_, StoreError>(())
    });
    let neighbour = async {
        locked.notified().await;
        wire.swallow();
        increment(other.connection(), "shared").await
    };
    // What the replica does after that nobody hears.
    let (_, changed) = tokio::join!(replica, neighbour);
    changed.expect("the server gave the dead one's lock back");
    assert_eq!(value(&other, "shared").await.expect("reads"), Some(1));
}

/// A way to the server that can be made to swallow everything, as a network does that is cut.
struct Wire {
    address: SocketAddr,
    cut: Arc<watch::Sender<bool>>,
}

impl Wire {
    async fn to(test: &TestDatabase) -> Self {
        let url = url::Url::parse(&test.settings().url).expect("a URL");
        let server = (url.host_str().expect("a host").to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let cut = Arc::new(watch::Sender::new(false));
        let sender = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server.clone(), sender.subscribe()));
            }
        });
        Self { address, cut }
    }

    fn settings(&self, test: &TestDatabase, pool: PoolSettings) -> DatabaseSettings {
        let mut url = url::Url::parse(&test.settings().url).expect("a URL");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(self.address.port())).expect("a port");
        DatabaseSettings { pool, ..DatabaseSettings::at(url) }
    }

    fn swallow(&self) {
        self.cut.send_replace(true);
    }

    /// For new connections.
    fn heal(&self) {
        self.cut.send_replace(false);
    }
}

async fn carry(mut near: TcpStream, server: (String, u16), mut cut: watch::Receiver<bool>) {
    let cut_off = async move {
        if cut.wait_for(|cut| *cut).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::pin!(cut_off);
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        // Both ends stay open, and neither hears of the other again.
        () = &mut cut_off => std::future::pending().await,
    }
}
