//! Rows of every release survive every migration after it, and the statements of each release go on working.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, TenantId};
use mintage_store::{Backend, Database};
use mintage_testkit::migrations::{breaches, step};
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use super::Migrator;
use crate::domain::ports::RingRemoval;
use crate::store::RegistryStore;
use crate::store::removals;

/// What a release writes, by the migration it came with. `T` stands for a tenant of the writer's own, and
/// what is in capitals otherwise for what the databases spell differently or what must be unique.
const RELEASES: &[(&str, &[&str])] = &[
    (
        "m0001_registry",
        &[
            "INSERT INTO tenant (id, display_name, error_profile, default_audience, created_at, updated_at) \
             VALUES ('T', 'Acme', 'rfc', 'https://api.test/', 1000, 2000)",
            "INSERT INTO tenant_origin (origin, tenant_id, position) VALUES ('https://T.test', 'T', 0)",
            "INSERT INTO client (tenant_id, client_id, name, party, enabled, metadata, grant_types, claim_mappings, \
             created_at, updated_at) VALUES ('T', 'client', 'Worker', 'first', true, '{}', \
             '[\"client_credentials\"]', '[]', 1000, 2000)",
            "INSERT INTO client_secret (id, tenant_id, client_id, label, hint, scheme, hash, created_at, not_after, \
             last_used_at) VALUES (SECRET, 'T', 'client', 'first', 'mcs_', 1, HASH, 1000, NULL, NULL)",
            "INSERT INTO resource_server (tenant_id, id, identifier, name, scopes, algorithm, profile, \
             lifetime_seconds, claim_mappings, is_system, created_at, updated_at) VALUES ('T', \
             'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'https://api.test/', 'API', \
             '[{\"value\":\"read\",\"description\":\"\"}]', 'ES256', 'rfc9068', 3600, '[]', false, 1000, 2000)",
            "INSERT INTO client_grant (tenant_id, id, client_id, resource_server_id, audience, scopes, created_at, \
             updated_at) VALUES ('T', 'cgr_aaaaaaaaaaaaaaaaaaaaaaaa', 'client', \
             'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'https://api.test/', '[\"read\"]', 1000, 2000)",
            "UPDATE feed_head SET revision = revision + 1 WHERE id = 1",
            "INSERT INTO change_log (revision, tenant_id, kind, client_id, audience, written_at) \
             SELECT revision, 'T', 'client', 'client', NULL, 2000 FROM feed_head",
            "INSERT INTO ring_removal (tenant_id, resource_server_id) VALUES ('gone-T', '')",
        ],
    ),
    (
        "m0002_removals_fall_due",
        &["INSERT INTO ring_removal (tenant_id, resource_server_id, due_at) VALUES ('due-T', '', 0)"],
    ),
    (
        "m0003_makers_notes",
        &["INSERT INTO ring_removal (tenant_id, resource_server_id, due_at, making) VALUES ('made-T', '', 0, true)"],
    ),
];

#[tokio::test]
async fn rows_of_every_release_survive_and_the_statements_of_every_release_go_on_working() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let mut writers = Vec::new();
        for (index, migration) in Migrator::get_migration_files().iter().enumerate() {
            step::<Migrator>(&database).await;
            let known = RELEASES.get(index).map(|(name, _)| *name);
            assert_eq!(known, Some(migration.name()), "say what the release of this migration writes");
            // Each release that may still run, on the schema as it is now.
            for release in 0..=index {
                let writer = format!("t{release}{index}");
                write_as(&database, release, &writer).await;
                writers.push(writer);
            }
        }
        for writer in writers {
            read(&database, &writer).await;
        }
    })
    .await;
}

#[tokio::test]
async fn no_migration_takes_anything_from_the_release_before_it() {
    on_each_backend(async |test| {
        assert_eq!(breaches::<Migrator>(&test.connect().await).await, [""; 0]);
    })
    .await;
}

/// A later release does all that an earlier one did, and more.
async fn write_as(database: &Database, release: usize, writer: &str) {
    let hash = match database.backend() {
        Backend::Postgres => format!("'\\x{HASH}'"),
        Backend::Sqlite => format!("X'{HASH}'"),
    };
    for statement in RELEASES.iter().take(release + 1).flat_map(|(_, statements)| *statements) {
        let statement = statement.replace("'T'", &format!("'{writer}'")).replace("-T'", &format!("-{writer}'"));
        let statement = statement.replace("//T.", &format!("//{writer}.")).replace("HASH", &hash);
        let statement = statement.replace("SECRET", &format!("'sec_{writer:a<24}'"));
        let done = database.connection().execute_unprepared(&statement).await;
        assert_eq!(done.expect(&statement).rows_affected(), 1, "{statement}");
    }
}

/// What the newest release finds of it.
async fn read(database: &Database, writer: &str) {
    let store = RegistryStore::new(database.clone());
    let tenant_id: TenantId = writer.parse().unwrap();
    let tenant = store.tenant(&tenant_id).await.unwrap().expect(writer);
    assert_eq!(tenant.origins.len(), 1, "{writer}");
    let client_id: ClientId = "client".parse().unwrap();
    let client = store.client(&tenant_id, &client_id).await.unwrap().expect(writer);
    assert_eq!((client.enabled, client.secrets.len()), (true, 1), "{writer}");
    let audience: Audience = "https://api.test/".parse().unwrap();
    let api = store.resource_server(&tenant_id, &audience).await.unwrap().expect(writer);
    assert_eq!(api.terms.scopes.len(), 1, "{writer}");
    let grant = store.client_grant_between(&tenant_id, &client_id, &audience).await.unwrap().expect(writer);
    assert_eq!(grant.scopes.iter().count(), 1, "{writer}");
    // What an older release owes is a removal that is due.
    let gone: TenantId = format!("gone-{writer}").parse().unwrap();
    assert!(removals::owed_by(database.connection(), &gone).await.unwrap(), "{writer}");
    assert!(removals::forget(database.connection(), &RingRemoval::Tenant(gone)).await.unwrap(), "{writer}");
    let first = removals::lock_first_due(database.connection(), Timestamp::from_unix_millis(0)).await;
    assert!(first.is_ok(), "{writer}");
}

const HASH: &str = "0101010101010101010101010101010101010101010101010101010101010101";
