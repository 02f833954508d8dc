//! Migrations of replicas that start together.

use mintage_testkit::on_each_backend;
use tokio::task::JoinSet;

use mintage_store::Schema as Standing;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

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

#[tokio::test]
async fn a_schema_is_older_until_it_is_migrated_and_asking_changes_nothing() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        for _ in 0..2 {
            assert_eq!(database.schema::<Schema>().await.expect("answers"), Standing::Older { missing: 1 });
        }
        database.migrate::<Schema>().await.expect("migrates");
        assert_eq!(database.schema::<Schema>().await.expect("answers"), Standing::Current);
    })
    .await;
}

#[tokio::test]
async fn a_program_that_was_put_back_works_on_what_a_newer_one_migrated() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        assert_eq!(database.schema::<Before>().await.expect("answers"), Standing::Current);
        database.migrate::<Before>().await.expect("finds nothing to do");
    })
    .await;
}

/// The program before it had a schema.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}
