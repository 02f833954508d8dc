//! Key management alone, in plain text on an SQLite file: a process that needs no other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::running::mintage;

/// What it is told; the last lines are of `[secrets]`.
pub(super) const SETTINGS: &str = "\
[listen]
internal = '127.0.0.1:0'
health = '127.0.0.1:0'
[tls]
insecure_plaintext = true
[siblings]
client_registry = '127.0.0.1:1'
[database]
url = 'sqlite://keys.sqlite?mode=rwc'
[secrets]
master_key = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
";

/// Writes its settings into `folder`.
pub(super) fn tell(folder: &Path, settings: &str) {
    fs::write(folder.join(FILE), settings).unwrap();
}

/// `mintage serve key-management`, in the folder where its settings are.
pub(super) fn serve(folder: &Path) -> Command {
    command(folder, "serve")
}

/// `mintage migrate key-management`, there.
pub(super) fn migrate(folder: &Path) -> Command {
    command(folder, "migrate")
}

fn command(folder: &Path, word: &str) -> Command {
    let mut command = mintage(folder);
    command.args([word, "key-management", "--config", FILE]);
    command
}

const FILE: &str = "key-management.toml";
