//! Migrations of replicas that start together.

use mintage_testkit::on_each_backend;
use tokio::task::JoinSet;

use crate::schema::{Schema, insert, value};

#[tokio::test]
async fn replicas_that_start_together_migrate_once() {
    on_each_backend(async |test| {
        let mut replicas = JoinSet::new();
        for _ in 0..4 {
            let replica = test.connect().await;
            replicas.spawn(async move { replica.migrate::<Schema>().await });
        }
        for outcome in replicas.join_all().await {
            outcome.expect("every replica finds the schema migrated");
        }
        let database = test.connect().await;
        insert(database.connection(), "a").await.expect("the table is there");
        assert_eq!(value(&database, "a").await.expect("reads"), Some(0));
    })
    .await;
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("first");
        insert(database.connection(), "kept").await.expect("inserts");
        database.migrate::<Schema>().await.expect("second");
        assert_eq!(value(&database, "kept").await.expect("reads"), Some(0));
    })
    .await;
}
