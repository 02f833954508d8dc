//! Rows of every release survive every migration after it, and the statements of each release go on working.

use mintage_store::{Backend, Database};
use mintage_testkit::migrations::{breaches, step};
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use super::Migrations;
use crate::store::KeyStore;

/// What a release writes, by the migration it came with. `T` stands for a tenant of the writer's own.
const RELEASES: &[(&str, &[&str])] = &[(
    "m0001_key_rings",
    &[
        "UPDATE key_head SET revision = revision + 1 WHERE id = 1",
        "INSERT INTO key_rings (tenant_id, algorithm, resource_server_id, version, revision, ended) \
         SELECT 'T', 'ES256', '', 1, revision, false FROM key_head",
        "INSERT INTO signing_keys (kid, ring_id, state, created_at, since, ready_at, next_step_at, jwk, sealed_under, \
         sealed_nonce, sealed_private) SELECT 'KID', id, 'active', 1000, 1000, NULL, NULL, '{}', 'master', BYTES, \
         BYTES FROM key_rings WHERE tenant_id = 'T'",
        "UPDATE key_rings SET version = version + 1 WHERE tenant_id = 'T' AND version = 1",
    ],
)];

#[tokio::test]
async fn rows_of_every_release_survive_and_the_statements_of_every_release_go_on_working() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let mut written = 0;
        for (index, migration) in Migrations::get_migration_files().iter().enumerate() {
            step::<Migrations>(&database).await;
            let known = RELEASES.get(index).map(|(name, _)| *name);
            assert_eq!(known, Some(migration.name()), "say what the release of this migration writes");
            for release in 0..=index {
                write_as(&database, release, &format!("t{release}-{index}"), written).await;
                written += 1;
            }
        }
        let store = KeyStore::new(database);
        assert_eq!(store.everything().await.expect("every row can be read").len(), written);
        assert_eq!(store.revision().await.expect("the head can be read"), written as u64);
    })
    .await;
}

#[tokio::test]
async fn no_migration_takes_anything_from_the_release_before_it() {
    on_each_backend(async |test| {
        assert_eq!(breaches::<Migrations>(&test.connect().await).await, [""; 0]);
    })
    .await;
}

/// A later release does all that an earlier one did, and more.
async fn write_as(database: &Database, release: usize, writer: &str, number: usize) {
    let bytes = match database.backend() {
        Backend::Postgres => "'\\x00'",
        Backend::Sqlite => "X'00'",
    };
    // As long as a thumbprint is (RFC 7638).
    let kid = format!("{number:0>43}");
    for statement in RELEASES.iter().take(release + 1).flat_map(|(_, statements)| *statements) {
        let statement = statement.replace("'T'", &format!("'{writer}'")).replace("KID", &kid).replace("BYTES", bytes);
        let done = database.connection().execute_unprepared(&statement).await;
        assert_eq!(done.expect(&statement).rows_affected(), 1, "{statement}");
    }
}
