//! Rows of every release survive every migration after it, and the statements of each release go on working.

use mintage_testkit::migrations::{Releases, Writer, breaches, bytes, every_release_writes};
use mintage_testkit::on_each_backend;

use super::Migrations;
use crate::store::KeyStore;

/// What a release writes, by the migration it came with. `T` stands for a tenant of the writer's own.
const RELEASES: &Releases = &[
    (
        "m0001_key_rings",
        &[
            "UPDATE key_head SET revision = revision + 1 WHERE id = 1",
            "INSERT INTO key_rings (tenant_id, algorithm, resource_server_id, version, revision, ended) \
             SELECT 'T', 'ES256', '', 1, revision, false FROM key_head",
            "INSERT INTO signing_keys (kid, ring_id, state, created_at, since, ready_at, next_step_at, jwk, \
             sealed_under, sealed_nonce, sealed_private) SELECT 'KID', id, 'active', 1000, 1000, NULL, NULL, '{}', \
             'master', BYTES, BYTES FROM key_rings WHERE tenant_id = 'T'",
            "UPDATE key_rings SET version = version + 1 WHERE tenant_id = 'T' AND version = 1",
        ],
    ),
    (
        "m0002_rotation",
        &[
            "UPDATE key_rings SET period = 1000, jitter = 0, announce_window = 1000, retire_window = 0, \
             overdue = 1000, held_since = 1000 WHERE tenant_id = 'T'",
            "UPDATE signing_keys SET expires_at = 2000, longest_token = 60, announced_in = 1 WHERE kid = 'KID'",
            "INSERT INTO key_facts (ring_id, tenant_id, kid, deed, at, author, reason) \
             SELECT id, 'T', 'KID', 'activated', 1000, 'itself', NULL FROM key_rings WHERE tenant_id = 'T'",
        ],
    ),
    (
        "m0003_token_objects",
        &[
            "INSERT INTO token_objects (name, token, object_id, noted_at, kid, doomed) \
             VALUES ('KID', 'T', 'KID', 1000, NULL, false)",
            "UPDATE signing_keys SET token_object = NULL WHERE kid = 'KID'",
        ],
    ),
    (
        "m0004_watchers",
        &[
            "INSERT INTO watch_replicas (id, beat) VALUES ('T', 1)",
            "INSERT INTO key_set_watchers (replica_id, seat, tenant_id, watcher, version) VALUES ('T', 1, 'T', 'edge', 0)",
            "UPDATE key_set_watchers SET version = 1 WHERE replica_id = 'T' AND seat = 1",
        ],
    ),
    ("m0005_settled_times", &["UPDATE signing_keys SET unsettled = true WHERE kid = 'KID'"]),
    (
        "m0006_record",
        &[
            "INSERT INTO key_facts (ring_id, tenant_id, kid, deed, at, author, reason, resealed_keys, resealed_from, \
             resealed_to) SELECT id, 'T', NULL, 'resealed', 1000, 'itself', NULL, 2, 'old', 'new' FROM key_rings \
             WHERE tenant_id = 'T'",
            "INSERT INTO spent_kids (kid) VALUES ('T KID')",
        ],
    ),
    (
        "m0007_detail",
        &["INSERT INTO key_facts (ring_id, tenant_id, kid, deed, at, author, reason, detail) \
           SELECT id, 'T', 'KID', 'extended', 1000, 'itself', NULL, 'tokens of 2d' FROM key_rings WHERE tenant_id = 'T'"],
    ),
];

#[tokio::test]
async fn rows_of_every_release_survive_and_the_statements_of_every_release_go_on_working() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let no_bytes = bytes(database.backend(), "00");
        let writers = every_release_writes::<Migrations>(&database, RELEASES, |statement, Writer { name, .. }| {
            // As long as a thumbprint is (RFC 7638).
            let kid = format!("{name:0>43}");
            statement.replace("'T'", &format!("'{name}'")).replace("KID", &kid).replace("BYTES", &no_bytes)
        })
        .await;
        let written = writers.len();
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
