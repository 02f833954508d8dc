//! The one binary: the suite in one process for development, and the operator's commands.
//!
//! - [`cli`] is the tree of commands and their common options.
//! - [`dev`] is `mintage dev`: every service in this process. `serve` is `mintage serve`: one service in this process,
//!   on the settings of [`config`]. `setup` gives a fresh installation its first clients, `stop` hears that it is over.
//! - `commands` are the operator's: one operation a file, each from arguments to an answer.
//! - `profile` says where to connect and as whom, in an `env_file`; `session` holds the connection and the operator's
//!   token.
//! - `private_memory` keeps what is in memory out of dumps; `show` tells metrics of databases.
//! - `view` puts the contract's messages into words; `output` writes answers, and is alone in writing.
//! - `failure` turns errors into one line and an exit code.

pub mod cli;
mod commands;
pub mod config;
pub mod dev;
mod env_file;
mod failure;
mod flags;
mod output;
mod private_memory;
mod profile;
#[cfg(test)]
mod reference;
mod serve;
mod session;
mod setup;
mod show;
mod stop;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Runs the command line `arguments`, the program's name first, and says how it ended.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(instead) => return output::usage(&instead),
    };
    let outcome = match private_memory::keep() {
        Ok(()) => cli.execute().await,
        Err(error) => {
            Err(anyhow::Error::new(error).context("the process cannot be kept from leaving its memory behind"))
        }
    };
    // What is said below comes after what was said on the way.
    mintage_chassis::telemetry::flush();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
