//! Transactions: all or nothing, and again only after a lost race.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use mintage_store::{Database, DatabaseSettings, PoolSettings, StoreError};
use mintage_testkit::on_each_backend;
use tokio::task::JoinSet;

use crate::schema::{Schema, increment, insert, value};

#[tokio::test]
async fn work_that_fails_leaves_nothing_behind() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        let outcome: Result<(), StoreError> = database
            .transaction(async |transaction| {
                insert(transaction, "half").await?;
                insert(transaction, "half").await?;
                Ok(())
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{outcome:?}");
        assert_eq!(value(&database, "half").await.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn writers_on_several_replicas_lose_no_increment() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        insert(database.connection(), "shared").await.expect("inserts");
        let mut writers = JoinSet::new();
        for _ in 0..3 {
            let replica = test.connect().await;
            for _ in 0..5 {
                let replica = replica.clone();
                writers.spawn(assert_send(async move {
                    replica
                        .transaction(async |transaction| Ok::<_, StoreError>(increment(transaction, "shared").await?))
                        .await
                }));
            }
        }
        for outcome in writers.join_all().await {
            outcome.expect("every writer gets its turn");
        }
        assert_eq!(value(&database, "shared").await.expect("reads"), Some(15));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_runs_once() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        insert(database.connection(), "taken").await.expect("inserts");
        let runs = AtomicU32::new(0);
        let outcome: Result<(), StoreError> = database
            .transaction(async |transaction| {
                runs.fetch_add(1, Ordering::Relaxed);
                Ok(insert(transaction, "taken").await?)
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{outcome:?}");
        assert_eq!(runs.into_inner(), 1);
    })
    .await;
}

#[tokio::test]
async fn statements_are_counted_in_and_out_of_transactions() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        let before = database.statements();
        insert(database.connection(), "one").await.expect("inserts");
        database
            .transaction(async |transaction| Ok::<_, StoreError>(increment(transaction, "one").await?))
            .await
            .expect("increments");
        assert_eq!(database.statements() - before, 2);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let pool = PoolSettings { acquire_timeout: std::time::Duration::from_millis(200), ..PoolSettings::default() };
    let nowhere = DatabaseSettings { pool, ..DatabaseSettings::at("postgres://127.0.0.1:1/nothing") };
    let outcome = Database::connect(&nowhere).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

/// A service spawns its work, so a transaction's future must be `Send`.
fn assert_send<F: Future + Send>(future: F) -> F {
    future
}
