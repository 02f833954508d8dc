//! Rows of every release survive every migration after it, and the statements of each release go on working.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use mintage_store::Database;
use mintage_testkit::migrations::{Releases, Writer, breaches, bytes, every_release_writes};
use mintage_testkit::on_each_backend;

use super::Migrator;
use crate::domain::id::UserId;
use crate::store::ConsentStore;

/// What a release writes, by the migration it came with. `T` stands for a tenant of the writer's own, `U`, `G` and `F` for names
/// that are its own, and HASH for a digest that is.
const RELEASES: &Releases = &[
    (
        "m0001_consent",
        &[
            "INSERT INTO user_account (id, tenant_id, email, email_key, email_verified, name, password_hash, blocked, \
         created_at, updated_at, last_sign_in_at, failures, locked_until) VALUES ('U', 'T', 'Ada@example.org', \
         'ada@example.org', true, 'Ada', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g', false, 1000, 2000, \
         NULL, 0, 0)",
            "INSERT INTO browser_session (digest, id, tenant_id, user_id, signed_in_at, seen_at, ends_at) \
         VALUES (HASH, 'S', 'T', 'U', 1000, 1000, 9000)",
            "INSERT INTO interaction (digest, tenant_id, browser, request, page, session_id, ends_at) \
         VALUES (HASH, 'T', HASH, NULL, 'sign_in', NULL, 9000)",
            "INSERT INTO user_grant (id, tenant_id, user_id, client_id, audience, scopes, declined, consented, created_at, \
         updated_at, last_used_at) VALUES ('G', 'T', 'U', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'https://api.test/', \
         'read', '', 'read', 1000, 2000, NULL)",
            "INSERT INTO authorization_code (digest, grant_id, redirect_uri, challenge, nonce, scopes, session_id, auth_time, \
         tell_auth_time, ends_at, redeemed_at, family_id) VALUES (HASH, 'G', 'https://app.test/cb', NULL, NULL, 'read', \
         NULL, 1000, false, 9000, NULL, NULL)",
            "INSERT INTO refresh_family (id, digest, grant_id, scopes, session_id, auth_time, tell_auth_time, created_at, \
         used_at, idle_millis, ends_at) VALUES ('F', HASH, 'G', 'read', NULL, 1000, false, 1000, 1000, 1000, 9000)",
            "INSERT INTO front_channel_ticket (digest, grant_id, scopes, nonce, session_id, auth_time, tell_auth_time, token, \
         id_token, ends_at) VALUES (HASH, 'G', 'read', NULL, NULL, 1000, false, true, false, 9000)",
        ],
    ),
    (
        "m0002_incarnations",
        &[
            "UPDATE user_account SET tenant_incarnation = 'api_t' WHERE id = 'U'",
            "UPDATE user_grant SET resource_server_id = 'api_g' WHERE id = 'G'",
        ],
    ),
    (
        "m0003_previous_tokens",
        &["UPDATE refresh_family SET previous_digest = HASH, previous_used_at = 1000 WHERE id = 'F'"],
    ),
    (
        "m0004_known_browsers",
        &[
            "INSERT INTO known_browser (user_id, digest, failures, locked_until, ends_at) VALUES ('U', HASH, 0, 0, 9000)",
        ],
    ),
    (
        "m0005_given_answers",
        &["INSERT INTO given_answer (digest, tenant_id, browser, request, page, session_id, said, code_digest, \
         given_at, ends_at) VALUES (HASH, 'T', HASH, NULL, 'sign_in', NULL, 'said', NULL, 1000, 9000)"],
    ),
    (
        "m0006_known_registry",
        &["INSERT INTO known_registry (tenant_id, incarnation, known_since) VALUES ('T', 'api_t', 1000)"],
    ),
    ("m0007_issuers_of_codes", &["UPDATE authorization_code SET issuer = 'https://id.test/' WHERE grant_id = 'G'"]),
];

#[tokio::test]
async fn rows_of_every_release_survive_and_the_statements_of_every_release_go_on_working() {
    on_each_backend(async |test| {
        let database = test.connect().await;
        let backend = database.backend();
        let writers = every_release_writes::<Migrator>(&database, RELEASES, |statement, Writer { name, .. }| {
            let digest: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
            let hash = bytes(backend, &format!("{digest:0<64}"));
            let mut statement = statement.replace("'T'", &format!("'{name}'")).replace("HASH", &hash);
            for (letter, prefix) in [("'U'", "usr_"), ("'S'", "ses_"), ("'G'", "ugr_"), ("'F'", "rtf_")] {
                statement = statement.replace(letter, &format!("'{}'", named(prefix, name)));
            }
            statement
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

fn named(prefix: &str, writer: &str) -> String {
    format!("{prefix}{writer:a<24}")
}

/// What the newest release finds of it.
async fn read(database: &Database, Writer { name: writer, .. }: &Writer) {
    let store = ConsentStore::new(database.clone());
    let tenant: TenantId = writer.parse().unwrap();
    let user: UserId = named("usr_", writer).parse().unwrap();
    assert_eq!(store.user(&tenant, &user).await.unwrap().expect(writer).email.as_str(), "Ada@example.org");
    let grants = store.grants_of(&tenant, &user).await.unwrap();
    assert_eq!(grants.iter().map(|grant| grant.scopes.to_delimited()).collect::<Vec<_>>(), ["read"], "{writer}");
    // What ended long ago is forgotten, and what is left of it goes with the user.
    store.sweep(Timestamp::from_unix_millis(9000)).await.unwrap();
    assert!(store.delete_user(&tenant, &user).await.unwrap(), "{writer}");
    assert!(store.grants_of(&tenant, &user).await.unwrap().is_empty(), "{writer}");
}
