//! Programs that tests start, where they are installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether `program` can be run.
///
/// # Panics
/// Without it when `CI` is `true`: there, nothing is left out.
#[must_use]
pub fn is_there(program: &str) -> bool {
    let runs = Command::new(program).arg("--version").output().is_ok();
    runs || absent(program)
}

/// The folder of PostgreSQL's own programs: of its newest version, as Debian installs it, or the one in the path.
pub(crate) fn postgresql() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin")).filter(|folder| folder.join("initdb").exists());
    let number = |folder: &PathBuf| {
        let version = folder.parent().and_then(Path::file_name);
        version.and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok())
    };
    let in_path = || {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        folder.join("initdb").exists().then_some(folder)
    };
    let newest = found.max_by_key(number).or_else(in_path);
    if newest.is_none() {
        absent("initdb");
    }
    newest
}

/// Says what was not run, for want of `program`.
///
/// # Panics
/// When `CI` is `true`.
#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
fn absent(program: &str) -> bool {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!ci, "{program} is not there, and CI runs every test");
    eprintln!("NOT RUN: {program} is not there");
    false
}
