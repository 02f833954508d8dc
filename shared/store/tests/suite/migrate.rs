//! Migrations of replicas that start together.

use std::time::Duration;

use mintage_store::{Database, DatabaseSettings, PoolSettings, Schema as Standing, StoreError};
use mintage_testkit::migrations::breaches;
use mintage_testkit::{TestDatabase, on_each_backend};
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use tokio::task::JoinSet;

use crate::schema::{Schema, Sql, insert, value};

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

#[tokio::test]
async fn a_migration_that_fails_half_way_leaves_a_database_that_can_be_migrated_again() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        database.migrate::<Schema>().await.expect("migrates");
        insert(database.connection(), "kept").await.expect("inserts");
        for _ in 0..2 {
            database.migrate::<HalfWay>().await.expect_err("its last statement cannot be executed");
            assert_eq!(database.schema::<HalfWay>().await.expect("answers"), Standing::Older { missing: 2 });
            assert_eq!(value(&database, "kept").await.expect("the code before it goes on"), Some(0));
        }
        database.migrate::<Mended>().await.expect("nothing of the failure is in the way");
        assert_eq!(value(&database, "kept").await.expect("reads"), Some(0));
    })
    .await;
}

#[tokio::test]
async fn what_a_migration_takes_from_the_code_before_it_is_noticed() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let found = breaches::<Taking>(&database).await;
        assert_eq!(found, ["takes: counter.value is gone", "takes: counter must obey counter_amount"]);
    })
    .await;
}

#[tokio::test]
async fn a_migration_gives_way_to_whoever_holds_its_table_for_long() {
    let Some(test) = TestDatabase::postgres().await else { return };
    let holder = test.connect().await;
    holder.migrate::<Schema>().await.expect("migrates");
    let pool = PoolSettings { statement_timeout: Duration::from_millis(50), ..PoolSettings::default() };
    let settings = DatabaseSettings { pool, ..test.settings().clone() };
    let database = Database::connect(&settings).await.expect("connects");
    holder
        .transaction(async |held| {
            held.execute_unprepared("LOCK TABLE counter IN ACCESS SHARE MODE").await?;
            let outcome = database.migrate::<Mended>().await;
            assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
            insert(holder.connection(), "meanwhile").await?;
            Ok::<_, StoreError>(())
        })
        .await
        .expect("nobody waits behind the migration for longer");
    assert_eq!(database.schema::<Mended>().await.expect("answers"), Standing::Older { missing: 2 });
    database.migrate::<Mended>().await.expect("the table is free");
}

/// A step that works and one that stops in its middle.
struct HalfWay;

impl MigratorTrait for HalfWay {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut steps = Schema::migrations();
        steps.push(Box::new(Sql("adds", &["ALTER TABLE counter ADD COLUMN note text"])));
        steps.push(Box::new(Sql("breaks", &["CREATE TABLE other (name text)", "INSERT INTO nowhere VALUES (1)"])));
        steps
    }
}

/// The same, mended.
struct Mended;

impl MigratorTrait for Mended {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut steps = Schema::migrations();
        steps.push(Box::new(Sql("adds", &["ALTER TABLE counter ADD COLUMN note text"])));
        steps.push(Box::new(Sql("breaks", &["CREATE TABLE other (name text)", "INSERT INTO other VALUES ('a')"])));
        steps
    }
}

/// A step that the code before it does not survive, beside one that it does.
struct Taking;

impl MigratorTrait for Taking {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut steps = Schema::migrations();
        steps.push(Box::new(Sql("gives", &["ALTER TABLE counter ADD COLUMN amount bigint NOT NULL DEFAULT 0"])));
        steps.push(Box::new(Sql(
            "takes",
            &["ALTER TABLE counter DROP COLUMN value", "CREATE UNIQUE INDEX counter_amount ON counter (amount)"],
        )));
        steps
    }
}

/// The program before it had a schema.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}
