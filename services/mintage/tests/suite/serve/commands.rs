//! The commands around `mintage serve`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mintage_testkit::databases;

use crate::running::{Outcome, mintage};

fn settings(folder: &Path, listen: &str, database: &str) {
    let text = format!(
        "[listen]\ninternal = '{listen}'\nhealth = '127.0.0.1:0'\n[tls]\ninsecure_plaintext = true\n\
         [siblings]\nclient_registry = '127.0.0.1:1'\n[database]\nurl = '{database}'\n\
         [secrets]\nmaster_key = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='\n"
    );
    fs::write(folder.join("keys.toml"), text).unwrap();
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = mintage(folder);
    command.args(arguments).args(["key-management", "--config", "keys.toml"]);
    command
}

#[test]
fn a_check_opens_nothing_and_shows_what_would_be_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    settings(folder.path(), &address, "sqlite://keys.sqlite?mode=rwc");
    let outcome = Outcome::of(command(folder.path(), &["config", "check"]).env("MINTAGE_KEY_MANAGEMENT__SKEW", "15s"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("skew = \"15 s\"") && outcome.stdout.contains(&address), "{outcome:?}");
    assert!(outcome.stdout.contains("master_key = \"[redacted]\"") && !outcome.stdout.contains("MDEyMzQ1"));
    assert!(!folder.path().join("keys.sqlite").exists());
    let outcome = Outcome::of(command(folder.path(), &["config", "check"]).env("MINTAGE_KEY_MANAGEMENT__SKEW", "x"));
    assert_eq!(outcome.code, 64, "{outcome:?}");
}

#[test]
fn a_migration_needs_a_database_and_no_certificate() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("keys.toml"), "[database]\nurl = 'sqlite://keys.sqlite?mode=rwc'").unwrap();
    let outcome = Outcome::of(&mut command(folder.path(), &["migrate"]));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    fs::write(folder.path().join("keys.toml"), "[log]\nfilter = 'warn'").unwrap();
    let outcome = Outcome::of(&mut command(folder.path(), &["migrate"]));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (64, "mintage: database.url must be set\n"));
}

#[tokio::test]
async fn replicas_may_migrate_together() {
    for database in databases().await {
        let folder = tempfile::tempdir().unwrap();
        settings(folder.path(), "127.0.0.1:0", &database.settings().url);
        let start = |_| command(folder.path(), &["migrate"]).stderr(Stdio::null()).spawn().unwrap();
        let replicas: Vec<Child> = (0..4).map(start).collect();
        for mut replica in replicas {
            assert!(replica.wait().unwrap().success());
        }
    }
}
