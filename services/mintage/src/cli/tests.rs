//! The tree of commands, as it is read.

use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::*;

#[test]
fn the_tree_of_commands_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn common_options_stand_before_or_behind_the_command() {
    for line in [
        ["mintage", "--data-dir", "elsewhere", "-o", "json", "client", "list"],
        ["mintage", "client", "list", "--data-dir", "elsewhere", "-o", "json"],
    ] {
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!(cli.common.data_dir(), Path::new("elsewhere"));
        assert_eq!(cli.common.output, Format::Json);
    }
}

#[test]
fn dev_understands_the_data_folder_on_either_side() {
    for line in [["mintage", "--data-dir", "elsewhere", "dev"], ["mintage", "dev", "--data-dir", "elsewhere"]] {
        let cli = Cli::try_parse_from(line).unwrap();
        assert!(matches!(cli.command, Command::Dev(_)));
        assert_eq!(cli.common.data_dir(), Path::new("elsewhere"));
    }
}

#[test]
fn an_update_of_nothing_is_refused_before_anything_is_asked() {
    for line in [
        vec!["mintage", "client", "update", "abc"],
        vec!["mintage", "tenant", "update", "abc"],
        vec!["mintage", "api", "update", "abc"],
        vec!["mintage", "grant", "update", "abc"],
        vec!["mintage", "user", "update", "abc"],
    ] {
        let refusal = Cli::try_parse_from(line).unwrap_err();
        assert_eq!(refusal.exit_code(), 2);
    }
}

#[test]
fn an_unset_variable_of_a_shell_does_not_mean_every_grant() {
    for verb in ["list", "revoke"] {
        for which in ["--user", "--client", "--api"] {
            for line in
                [vec!["mintage", "consent", verb, which, ""], vec!["mintage", "consent", verb, &format!("{which}=")]]
            {
                let refusal = Cli::try_parse_from(&line).unwrap_err();
                assert_eq!((refusal.kind(), refusal.exit_code()), (ErrorKind::InvalidValue, 2), "{line:?}");
            }
        }
    }
}

#[test]
fn every_command_has_an_example_that_it_understands() {
    let mut seen = 0;
    for_each_leaf(&Cli::command(), &mut |command| {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.lines().all(|line| line.len() <= 100), "{} has a line too long", command.get_name());
        let help = help.replace("\\\n", "");
        let examples: Vec<_> = help.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
        assert!(!examples.is_empty(), "{} has no example", command.get_name());
        for example in examples.iter().filter(|line| line.starts_with("mintage ")) {
            let words = words_of(example);
            Cli::try_parse_from(&words).unwrap_or_else(|refusal| panic!("{example}: {refusal}"));
            seen += 1;
        }
    });
    assert!(seen >= 38, "{seen}");
}

fn for_each_leaf(command: &clap::Command, visit: &mut impl FnMut(&clap::Command)) {
    if !command.has_subcommands() {
        return visit(command);
    }
    command.get_subcommands().for_each(|under| for_each_leaf(under, visit));
}

/// The words of a shell line up to a pipe or a redirection; single and double quotes hold words together.
fn words_of(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '|' | '>') => break,
            (None, ' ') => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
