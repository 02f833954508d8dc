//! `mintage pki`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use mintage_chassis::identity::{Identity, IdentityError, IdentityFiles};
use mintage_chassis::{ServiceName, Tasks};
use serde_json::Value;
use tempfile::TempDir;

use crate::running::mintage;

fn pki(folder: &TempDir, line: &str) -> Output {
    let mut command = mintage(folder.path());
    command.current_dir(folder.path()).arg("pki").args(line.split(' ')).args(["--output", "json"]).output().unwrap()
}

fn json(folder: &TempDir, line: &str) -> Value {
    let output = pki(folder, line);
    assert!(output.status.success(), "{line}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(folder: &TempDir, line: &str) -> (i32, String) {
    let output = pki(folder, line);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The identity of `service` in the folder `at`, as a process would load it.
fn load(at: &Path, domain: &str, service: ServiceName) -> Result<Identity, IdentityError> {
    let files = IdentityFiles {
        certificate: at.join("tls.crt"),
        private_key: at.join("tls.key"),
        authorities: at.join("ca.crt"),
    };
    Identity::load(files, domain.parse().unwrap(), service, Duration::from_mins(1), &Tasks::new())
}

#[tokio::test]
async fn a_service_is_who_its_certificate_says_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    json(&folder, "init --dir pki --trust-domain mint.test");
    let issued = json(&folder, "issue token --dir pki --dns localhost");
    assert_eq!(issued["id"], "spiffe://mint.test/mintage/token");
    let at = folder.path().join("pki/token");
    assert_eq!(load(&at, "mint.test", ServiceName::TOKEN).unwrap().id().to_string(), issued["id"]);
    load(&at, "mint.test", ServiceName::EDGE).unwrap_err();
    load(&at, "other.test", ServiceName::TOKEN).unwrap_err();
}

#[test]
fn private_keys_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    json(&folder, "init --dir pki");
    json(&folder, "issue edge --dir pki --out elsewhere/edge");
    for (file, expected) in
        [("pki/ca.key", 0o600), ("elsewhere/edge/tls.key", 0o600), ("pki", 0o700), ("elsewhere/edge", 0o700)]
    {
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, expected, "{file}");
    }
}

#[test]
fn an_authority_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    json(&folder, "init --dir pki");
    let key = fs::read(folder.path().join("pki/ca.key")).unwrap();
    for missing in [None, Some("ca.pem")] {
        if let Some(missing) = missing {
            fs::remove_file(folder.path().join("pki").join(missing)).unwrap();
        }
        let (code, said) = refusal(&folder, "init --dir pki");
        assert!(code == 1 && said.contains("is there already"), "{said}");
        assert_eq!(fs::read(folder.path().join("pki/ca.key")).unwrap(), key);
    }
}

#[tokio::test]
async fn a_certificate_is_renewed_in_place() {
    let folder = tempfile::tempdir().unwrap();
    json(&folder, "init --dir pki");
    let at = folder.path().join("pki/token");
    let mut serials = Vec::new();
    for _ in 0..2 {
        json(&folder, "issue token --dir pki --days 1");
        serials.push(load(&at, "mintage.internal", ServiceName::TOKEN).unwrap().serial());
    }
    assert_ne!(serials[0], serials[1]);
    assert_eq!(fs::read_dir(&at).unwrap().count(), 3, "no drafts are left");
}

#[test]
fn an_authority_that_follows_another_hands_both_on() {
    let folder = tempfile::tempdir().unwrap();
    json(&folder, "init --dir old");
    json(&folder, "init --dir new");
    let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
    let both = format!("{}{}", read("new/ca.pem"), read("old/ca.pem"));
    fs::write(folder.path().join("new/ca.pem"), &both).unwrap();
    json(&folder, "issue token --dir new");
    assert_eq!(read("new/token/ca.crt"), both);
}

#[test]
fn what_cannot_be_issued_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = refusal(&folder, "issue token --dir pki");
    assert!(code == 1 && said.contains("mintage pki init"), "{said}");
    json(&folder, "init --dir pki");
    for (line, expected) in [
        ("issue nobody --dir pki", 2),
        ("issue token --dir pki --days 0", 2),
        ("issue token --dir pki --dns https://mint.test", 1),
        ("init --dir other --trust-domain Mint.test", 2),
    ] {
        assert_eq!(refusal(&folder, line).0, expected, "{line}");
    }
    assert!(!folder.path().join("pki/token").exists() && !folder.path().join("other").exists());
    fs::copy(folder.path().join("pki/ca.pem"), folder.path().join("ca.pem")).unwrap();
    json(&folder, "init --dir another");
    fs::copy(folder.path().join("another/ca.key"), folder.path().join("ca.key")).unwrap();
    let (code, said) = refusal(&folder, "issue token --dir .");
    assert!(code == 1 && said.contains("the authority's key is not its certificate's"), "{said}");
}
