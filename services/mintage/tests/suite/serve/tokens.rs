//! Key management with a PKCS#11 token, as a process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use mintage_testkit::SoftHsm;

use super::alone::{SETTINGS, migrate, serve, tell};
use crate::running::Outcome;

/// A service in `folder` that keeps its new keys in `hsm`.
fn with_token(folder: &Path, hsm: &SoftHsm) -> Command {
    let custody = format!(
        "\
pkcs11_pin_file = 'pin'
[log]
filter = 'trace'
[key_management]
custody = 'pkcs11'
[key_management.pkcs11]
module = '{}'
token = '{}'
",
        hsm.module().display(),
        SoftHsm::LABEL
    );
    tell(folder, &format!("{SETTINGS}{custody}"));
    fs::write(folder.join("pin"), format!("{}\n", SoftHsm::PIN)).unwrap();
    let migrated = Outcome::of(&mut migrate(folder));
    assert_eq!(migrated.code, 0, "{migrated:?}");
    let mut command = serve(folder);
    command.env(SoftHsm::VARIABLE, hsm.conf());
    command
}

#[test]
fn b34_a_process_enters_its_token_and_shows_the_pin_nowhere() {
    let Some(hsm) = SoftHsm::for_others() else { return };
    let folder = tempfile::tempdir().unwrap();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let mut process = with_token(folder.path(), &hsm).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let ready = lines.any(|line| line.unwrap().starts_with("ready"));
    process.kill().unwrap();
    process.wait().unwrap();
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(ready, "{log}");
    assert!(log.contains("the token was entered") && log.contains("TRACE") && !log.contains(SoftHsm::PIN));
}

#[test]
fn a_process_that_its_token_does_not_let_in_says_why_and_ends() {
    let Some(hsm) = SoftHsm::for_others() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut command = with_token(folder.path(), &hsm);
    fs::write(folder.path().join("pin"), "canary-wrong").unwrap();
    let wrong = Outcome::of(&mut command);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.stderr.contains("the token \"mintage test\" refuses the PIN"), "{wrong:?}");
    assert!(wrong.stderr.contains("nothing was changed") && !wrong.stderr.contains("canary"), "{wrong:?}");
    let elsewhere = Outcome::of(command.env("MINTAGE_KEY_MANAGEMENT__PKCS11__TOKEN", "elsewhere"));
    assert!(elsewhere.stderr.contains("no token \"elsewhere\"; it shows \"mintage test\""), "{elsewhere:?}");
    let absent = Outcome::of(command.env("MINTAGE_KEY_MANAGEMENT__PKCS11__MODULE", "/nowhere.so"));
    assert!(absent.stderr.contains("the PKCS#11 module /nowhere.so cannot be used"), "{absent:?}");
}
