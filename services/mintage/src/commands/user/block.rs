//! `mintage user block`.

use clap::Args;

use super::one::{OneUser, set_blocked};
use crate::output::Answer;
use crate::session::Session;

/// `mintage user block`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage user block ada@example.com")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
}

/// Blocks a user.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    Answer::one(&set_blocked(which, true, session).await?)
}
