//! `mintage user create`.

use clap::Args;
use mintage_api::consent::CreateUserRequest;

use super::password::NewPassword;
use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::User;

/// `mintage user create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage user create ada@example.com --name 'Ada Lovelace'
  $ mintage user create ada@example.com --email-verified --password-file ada.password")]
pub(crate) struct Arguments {
    /// The e-mail address, one user each
    email: String,
    /// What the user is called; up to 128 characters
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// Says that somebody saw to it that the address is the user's
    #[arg(long)]
    email_verified: bool,
    #[command(flatten)]
    password: NewPassword,
    #[command(flatten)]
    place: InTenant,
}

/// Creates a user.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { email, name, email_verified, password, place } = arguments;
    let password = password.read()?.to_string();
    let request = CreateUserRequest { tenant_id: place.tenant, email, email_verified, name, password };
    let answer = session.users().await?.create_user(request).await?.into_inner();
    Answer::one(&User::from(present(answer.user)?))
}
