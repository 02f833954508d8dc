//! Processes that do not start, and what they say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use mintage_testkit::installation::Process;

use super::alone::{SETTINGS, migrate, serve, tell};
use crate::running::Outcome;

fn refused(settings: &str, variables: &[(&str, &str)]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    tell(folder.path(), settings);
    let outcome = Outcome::of(serve(folder.path()).envs(variables.iter().copied()));
    assert!(!folder.path().join("keys.sqlite").exists(), "nothing is touched before the settings are right");
    outcome
}

#[test]
fn an_unknown_key_ends_with_64_and_its_name() {
    let outcome = refused(&format!("{SETTINGS}[key_management]\nscew = '1 s'"), &[]);
    assert_eq!(outcome.code, 64);
    assert_eq!(outcome.stderr, "mintage: unknown setting key_management.scew; did you mean skew?\n");
    let outcome = refused(SETTINGS, &[("MINTAGE_KEY_MANAGEMENT__SCEW", "1 s")]);
    assert_eq!(outcome.code, 64);
    assert!(outcome.stderr.contains("MINTAGE_KEY_MANAGEMENT__SCEW"), "{outcome:?}");
}

#[test]
fn a_wrong_value_ends_with_64_and_its_name() {
    for (variable, value, said) in [
        (
            "MINTAGE_KEY_MANAGEMENT__SKEW",
            "soon",
            "key_management.skew (MINTAGE_KEY_MANAGEMENT__SKEW): this is no length",
        ),
        ("MINTAGE_KEY_MANAGEMENT__MAX_SERVED_KEYS", "1", "key_management.max_served_keys must be from 3 to 100"),
        ("MINTAGE_LOG__FILTER", "a=b=c", "log.filter: "),
        ("MINTAGE_TLS__INSECURE_PLAINTEXT", "false", "tls.certificate must be set"),
        ("MINTAGE_LISTEN__INTERNAL", "0.0.0.0:0", "tls.insecure_plaintext is refused"),
        ("MINTAGE_DATABASE__POOL__MAX_CONNECTIONS", "0", "database.pool.max_connections must be"),
        ("MINTAGE_DATABASE__URL", "mysql://x", "database.url (MINTAGE_DATABASE__URL): this is neither"),
    ] {
        let outcome = refused(SETTINGS, &[(variable, value)]);
        assert_eq!(outcome.code, 64, "{outcome:?}");
        assert!(outcome.stderr.starts_with(&format!("mintage: {said}")), "{outcome:?}");
    }
}

#[test]
fn a_certificate_that_cannot_be_read_ends_with_64_and_its_name() {
    let settings = SETTINGS.replace(
        "insecure_plaintext = true",
        "certificate = 'absent.pem'\nprivate_key = 'absent.key'\nauthorities = 'ca.pem'",
    );
    let outcome = refused(&settings, &[]);
    assert_eq!(outcome.code, 64);
    assert!(outcome.stderr.contains("tls.certificate") && outcome.stderr.contains("absent.pem"), "{outcome:?}");
}

#[test]
fn an_old_schema_is_refused_with_69_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    tell(folder.path(), SETTINGS);
    let outcome = Outcome::of(&mut serve(folder.path()));
    assert_eq!(outcome.code, 69, "{outcome:?}");
    assert!(outcome.stderr.contains("`mintage migrate key-management`"), "{outcome:?}");
    let migrated = Outcome::of(&mut migrate(folder.path()));
    assert_eq!(migrated.code, 0, "{migrated:?}");
    let process = Process::start(serve(folder.path()), &folder.path().join("log"));
    process.terminate();
    assert_eq!(process.code(), Some(0));
}

#[test]
fn a_database_that_does_not_answer_ends_with_69() {
    let outcome = refused(SETTINGS, &[("MINTAGE_DATABASE__URL", "postgres://mint:canary@127.0.0.1:1/keys")]);
    assert_eq!(outcome.code, 69, "{outcome:?}");
    assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
}
