//! `docs/reference/errors.md`: every refusal, what it means and what to do about it.
//!
//! - `reasons` are those of the contract; `codes` the gRPC codes that the sources give them.
//! - `answers` are those of the edge over HTTP, from its own mapping. `remedies` say what to do.

mod answers;
mod codes;
mod reasons;
mod remedies;

use std::collections::BTreeSet;
use std::fs;

use super::page::assert_fresh;
use crate::workspace::root;

#[test]
fn the_reference_of_errors_is_fresh() {
    assert_fresh("errors.md", &render());
}

#[test]
fn every_command_that_is_advised_exists() {
    let commands = fs::read_to_string(root().join("docs/reference/cli.md")).expect("the reference of the commands");
    let page = render();
    let advised: BTreeSet<_> = page.split('`').filter(|span| span.starts_with("mintage ")).collect();
    assert!(advised.len() > 5, "the page advises only {advised:?}");
    for command in advised {
        let (name, options) = command.split_once(" --").unwrap_or((command, ""));
        let section = commands.split("\n## ").find(|section| section.lines().next() == Some(name));
        let section = section.unwrap_or_else(|| panic!("there is no `{name}`"));
        for option in options.split(" … ").map(|option| option.trim_matches(['-', '…', ' '])) {
            assert!(section.contains(&format!("--{option}")), "`{name}` has no option --{option}");
        }
    }
}

fn render() -> String {
    [PREFACE, "\n## By reason\n\n", &reasons::table(), "\n## By HTTP answer\n\n", &answers::table()].concat()
}

const PREFACE: &str = include_str!("errors.md");
