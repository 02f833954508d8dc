//! Rows of every release survive every migration after it, and the statements of each release go on working.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, ClientType, TenantId};
use mintage_store::Database;
use mintage_testkit::migrations::{Releases, Writer, breaches, bytes, every_release_writes, step};
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use super::Migrator;
use crate::domain::ports::RingRemoval;
use crate::domain::tenant::DynamicRegistration;
use crate::store::{RegistryStore, clients, removals};

/// What a release writes, by the migration it came with. `T` stands for a tenant of the writer's own, and
/// what is in capitals otherwise for what the databases spell differently or what must be unique.
const RELEASES: &Releases = &[
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
    (
        "m0004_removals_are_claimed",
        &["INSERT INTO ring_removal (tenant_id, resource_server_id, due_at, making, claimed_until) \
           VALUES ('taken-T', '', 1000, false, 1000)"],
    ),
    ("m0005_watchers_count", &[]),
    (
        "m0006_users_and_consent",
        &[
            "UPDATE client SET client_type = 'confidential', user_access = '{\"redirect_uris\":[\"https://app.test/cb\"]}' \
             WHERE tenant_id = 'T'",
            "UPDATE resource_server SET allow_third_parties = true, skip_consent = true, allow_offline_access = true \
             WHERE tenant_id = 'T'",
            "UPDATE tenant SET dynamic_registration = 'with-token', colour = '#112233', \
             logo_uri = 'https://acme.test/logo.svg' WHERE id = 'T'",
            "INSERT INTO registration (tenant_id, client_id, scheme, hash, created_at) \
             VALUES ('T', 'client', 1, HASH, 1000)",
            "INSERT INTO initial_access_token (tenant_id, hash, scheme, uses_left, not_after, created_at) \
             VALUES ('T', HASH, 1, 1, 9000, 1000)",
        ],
    ),
    ("m0007_registrations_are_used", &["UPDATE registration SET source = HASH, used_at = 2000 WHERE tenant_id = 'T'"]),
    (
        "m0008_names_look_alike",
        &["INSERT INTO client (tenant_id, client_id, name, party, enabled, metadata, grant_types, claim_mappings, \
           created_at, updated_at, client_type, user_access, looks) VALUES ('T', 'partner', 'Partner', 'third', true, '{}', \
           '[\"client_credentials\"]', '[]', 1000, 2000, 'confidential', '{}', 'partner')"],
    ),
];

#[tokio::test]
async fn rows_of_every_release_survive_and_the_statements_of_every_release_go_on_working() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let hash = bytes(database.backend(), HASH);
        let writers = every_release_writes::<Migrator>(&database, RELEASES, |statement, Writer { name, .. }| {
            let statement = statement.replace("'T'", &format!("'{name}'")).replace("-T'", &format!("-{name}'"));
            let statement = statement.replace("//T.", &format!("//{name}.")).replace("HASH", &hash);
            statement.replace("SECRET", &format!("'sec_{name:a<24}'"))
        })
        .await;
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

#[tokio::test]
async fn a_scope_that_came_later_can_be_granted_by_those_who_rule_over_what_it_is_about() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        for migration in Migrator::get_migration_files() {
            if migration.name() == "m0005_watchers_count" {
                for statement in OLD_INSTALLATION {
                    database.connection().execute_unprepared(statement).await.expect(statement);
                }
            }
            step::<Migrator>(&database).await;
        }
        let store = RegistryStore::new(database.clone());
        let (tenant, management) = ("old".parse().unwrap(), "urn:mintage:management".parse().unwrap());
        let api = store.resource_server(&tenant, &management).await.unwrap().expect("the Management API");
        assert!(api.defined_scopes().contains("watch:key_sets"));
        let scopes = async |client: &str, audience: &Audience| {
            let client: ClientId = client.parse().unwrap();
            let grant = store.client_grant_between(&tenant, &client, audience).await.unwrap().expect("a grant");
            grant.scopes.to_delimited()
        };
        assert_eq!(scopes("ruler", &management).await, "read:signing_keys update:signing_keys watch:key_sets");
        assert_eq!(scopes("reader", &management).await, "read:signing_keys");
        assert!(api.defined_scopes().contains("create:initial_access_tokens"));
        assert_eq!(
            scopes("admin", &management).await,
            "delete:clients update:client_grants delete:resource_servers create:users read:users update:users delete:users \
             read:grants delete:grants create:initial_access_tokens"
        );
        let other = "https://api.test/".parse().unwrap();
        assert_eq!(scopes("ruler", &other).await, "update:signing_keys", "an API of the tenant's own is its own");
        assert_eq!(store.head().await.unwrap(), 9, "and caches hear that something changed");
    })
    .await;
}

/// What the newest release finds of it.
async fn read(database: &Database, Writer { release, name: writer }: &Writer) {
    let store = RegistryStore::new(database.clone());
    let tenant_id: TenantId = writer.parse().unwrap();
    let tenant = store.tenant(&tenant_id).await.unwrap().expect(writer);
    assert_eq!(tenant.origins.len(), 1, "{writer}");
    let client_id: ClientId = "client".parse().unwrap();
    let client = store.client(&tenant_id, &client_id).await.unwrap().expect(writer);
    assert_eq!((client.enabled, client.secrets.len()), (true, 1), "{writer}");
    // Written by a release that knows of users or by one that does not.
    let knows_users = *release >= 5;
    assert_eq!(client.client_type, ClientType::Confidential, "{writer}");
    assert_eq!(client.user_access.redirect_uris.len(), usize::from(knows_users), "{writer}");
    assert!(!client.registered_itself, "{writer}: a first party never did");
    // Whoever wrote it, what an operator named is found by what it looks like; the first client has a registration.
    let taken =
        async |looks| clients::is_taken_by_an_operators(database.connection(), &tenant_id, looks).await.unwrap();
    assert_eq!(taken("worker").await, !knows_users, "{writer}");
    assert_eq!(taken("partner").await, *release >= 7, "{writer}");
    assert_eq!(client.user_access.refresh_token_lifetime.as_seconds(), 30 * 86_400, "{writer}");
    let registration = if knows_users { DynamicRegistration::WithToken } else { DynamicRegistration::Off };
    assert_eq!(tenant.dynamic_registration, registration, "{writer}");
    let audience: Audience = "https://api.test/".parse().unwrap();
    let api = store.resource_server(&tenant_id, &audience).await.unwrap().expect(writer);
    assert_eq!(api.terms.scopes.len(), 1, "{writer}");
    assert_eq!(api.terms.consent.allow_third_parties, knows_users, "{writer}");
    let grant = store.client_grant_between(&tenant_id, &client_id, &audience).await.unwrap().expect(writer);
    assert_eq!(grant.scopes.iter().count(), 1, "{writer}");
    // What an older release owes is a removal that is due.
    let gone: TenantId = format!("gone-{writer}").parse().unwrap();
    assert!(removals::owed_by(database.connection(), &gone).await.unwrap(), "{writer}");
    let claim = store.claim_removal(Some(&gone), None, Timestamp::from_unix_millis(0)).await.unwrap().expect(writer);
    assert_eq!(claim.rings(), Some(&RingRemoval::Tenant(gone.clone())), "{writer}");
    store.settle_removal(&claim, true).await.unwrap();
    assert!(!removals::owed_by(database.connection(), &gone).await.unwrap(), "{writer}");
}

/// A tenant with a Management API as it was, one that rules over its keys, one that reads of them, and an API of its own.
const OLD_INSTALLATION: &[&str] = &[
    "UPDATE feed_head SET revision = 7 WHERE id = 1",
    "INSERT INTO tenant (id, display_name, error_profile, default_audience, created_at, updated_at) \
     VALUES ('old', 'Old', 'rfc', NULL, 1000, 2000)",
    "INSERT INTO client (tenant_id, client_id, name, party, enabled, metadata, grant_types, claim_mappings, created_at, \
     updated_at) VALUES ('old', 'ruler', 'R', 'first', true, '{}', '[]', '[]', 1, 1), ('old', 'admin', 'A', 'first', true, \
     '{}', '[]', '[]', 1, 1), ('old', 'reader', 'R', 'first', \
     true, '{}', '[]', '[]', 1, 1)",
    "INSERT INTO resource_server (tenant_id, id, identifier, name, scopes, algorithm, profile, lifetime_seconds, \
     claim_mappings, is_system, created_at, updated_at) VALUES \
     ('old', 'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'urn:mintage:management', 'M', \
     '[{\"value\":\"read:signing_keys\",\"description\":\"\"},{\"value\":\"update:signing_keys\",\"description\":\"\"}]', \
     'ES256', 'rfc9068', 600, '[]', true, 1, 1), ('old', 'api_bbbbbbbbbbbbbbbbbbbbbbbb', 'https://api.test/', 'A', \
     '[{\"value\":\"update:signing_keys\",\"description\":\"\"}]', 'ES256', 'rfc9068', 600, '[]', false, 1, 1)",
    "INSERT INTO client_grant (tenant_id, id, client_id, resource_server_id, audience, scopes, created_at, updated_at) \
     VALUES ('old', 'cgr_aaaaaaaaaaaaaaaaaaaaaaaa', 'ruler', 'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'urn:mintage:management', \
     '[\"read:signing_keys\",\"update:signing_keys\"]', 1, 1), ('old', 'cgr_bbbbbbbbbbbbbbbbbbbbbbbb', 'reader', \
     'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'urn:mintage:management', '[\"read:signing_keys\"]', 1, 1), ('old', \
     'cgr_dddddddddddddddddddddddd', 'admin', 'api_aaaaaaaaaaaaaaaaaaaaaaaa', 'urn:mintage:management', \
     '[\"delete:clients\",\"update:client_grants\",\"delete:resource_servers\"]', 1, 1), ('old', \
     'cgr_cccccccccccccccccccccccc', 'ruler', 'api_bbbbbbbbbbbbbbbbbbbbbbbb', 'https://api.test/', \
     '[\"update:signing_keys\"]', 1, 1)",
];

const HASH: &str = "0101010101010101010101010101010101010101010101010101010101010101";
