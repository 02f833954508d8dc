//! How long the store waits, and for how many.

use std::time::Duration;

use mintage_store::{Database, DatabaseSettings, PoolSettings, StoreError};
use mintage_testkit::TestDatabase;
use sea_orm::{ConnectionTrait, Statement};
use tokio::task::JoinSet;
use tokio::time::Instant;

async fn count(database: &Database) -> i64 {
    let asked = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()";
    let connection = database.connection();
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), asked)).await;
    row.expect("answers").expect("a row").try_get("", "n").expect("a number")
}

fn with(pool: PoolSettings, test: &TestDatabase) -> DatabaseSettings {
    DatabaseSettings { pool, ..test.settings().clone() }
}

#[tokio::test]
async fn a_pool_opens_no_more_connections_than_it_may() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let pool = PoolSettings { max_connections: 2, ..PoolSettings::default() };
    let database = Database::connect(&with(pool, &test)).await.expect("connects");
    let mut asking = JoinSet::new();
    for _ in 0..12 {
        let database = database.clone();
        asking.spawn(async move { count(&database).await });
    }
    let most = asking.join_all().await.into_iter().max();
    assert_eq!(most, Some(2));
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_connection_hears_that_the_database_is_unavailable() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let pool =
        PoolSettings { max_connections: 1, acquire_timeout: Duration::from_millis(50), ..PoolSettings::default() };
    let database = Database::connect(&with(pool, &test)).await.expect("connects");
    let outcome = database
        .transaction(async |_| {
            let beside = database.connection().execute_unprepared("SELECT 1").await;
            Ok::<_, StoreError>(beside.map_err(StoreError::from))
        })
        .await
        .expect("the transaction itself is well");
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let pool = PoolSettings { statement_timeout: Duration::from_millis(50), ..PoolSettings::default() };
    let database = Database::connect(&with(pool, &test)).await.expect("connects");
    let began = Instant::now();
    let outcome = database.connection().execute_unprepared("SELECT pg_sleep(30)").await.map_err(StoreError::from);
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    database.ping().await.expect("the connection is as good as before");
}
