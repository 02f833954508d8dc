//! `docs/reference/cli.md`: the help of every command, and a test that it is fresh.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};

use crate::cli::{COMMON, Cli};

#[test]
fn the_reference_of_the_commands_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/cli.md");
    let fresh = render();
    if update_asked() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &fresh).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == fresh, "docs/reference/cli.md is stale: run this test with UPDATE_REFERENCE=1");
}

#[expect(clippy::disallowed_methods, reason = "how a developer asks a test to write")]
fn update_asked() -> bool {
    std::env::var_os("UPDATE_REFERENCE").is_some()
}

fn render() -> String {
    let mut page = PREFACE.to_owned();
    let mut root = plain(Cli::command());
    root.build();
    section(&root, "mintage", &mut page);
    page
}

/// The same on every machine: neither the terminal's width nor the environment shows.
fn plain(command: Command) -> Command {
    let command = command.term_width(100).disable_help_subcommand(true).mut_args(|arg| arg.hide_env_values(true));
    command.mut_subcommands(plain)
}

/// The common options stand in the root's section only.
fn brief(command: &Command) -> Command {
    command.clone().mut_args(|arg| if arg.get_help_heading() == Some(COMMON) { arg.hide(true) } else { arg })
}

fn section(command: &Command, path: &str, page: &mut String) {
    let mut shown = if path == "mintage" { command.clone() } else { brief(command) };
    let help = shown.render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    let _ = write!(page, "\n## {path}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for under in command.get_subcommands() {
        section(under, &format!("{path} {}", under.get_name()), page);
    }
}

const PREFACE: &str = include_str!("reference.md");
