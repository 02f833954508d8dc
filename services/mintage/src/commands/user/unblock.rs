//! `mintage user unblock`.

use clap::Args;

use super::one::{OneUser, set_blocked};
use crate::output::Answer;
use crate::session::Session;

/// `mintage user unblock`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage user unblock ada@example.com")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
}

/// Lets a user sign in again.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    Answer::one(&set_blocked(which, false, session).await?)
}
