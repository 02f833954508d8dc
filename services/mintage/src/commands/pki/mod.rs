//! `mintage pki`: certificates by which the services of an installation know each other.

mod files;
pub(crate) mod init;
pub(crate) mod issue;

use clap::Subcommand;
use mintage_clock::Clock;

use crate::output::Answer;

/// The verbs of `mintage pki`.
#[derive(Debug, Subcommand)]
pub(crate) enum PkiCommand {
    /// Makes an authority for one installation
    Init(init::Arguments),
    /// Issues a certificate to a service, or a new one in place of the one it has
    Issue(issue::Arguments),
}

impl PkiCommand {
    /// Carries it out.
    pub(crate) fn run(self, clock: &Clock) -> anyhow::Result<Answer> {
        match self {
            Self::Init(arguments) => init::run(arguments, clock),
            Self::Issue(arguments) => issue::run(arguments, clock),
        }
    }
}
