//! `mintage user show`.

use clap::Args;

use super::one::OneUser;
use crate::output::Answer;
use crate::session::Session;
use crate::view::User;

/// `mintage user show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage user show ada@example.com
  $ mintage user show usr_7Hq2ZkVb9sXn4TfW1cRm8LpD")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
}

/// Shows one user.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    Answer::one(&User::from(which.find(session).await?))
}
