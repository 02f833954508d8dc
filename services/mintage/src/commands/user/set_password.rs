//! `mintage user set-password`.

use clap::Args;
use mintage_api::consent::{SetPasswordRequest, SetPasswordResponse, User};

use super::one::OneUser;
use super::password::NewPassword;
use crate::output::Answer;
use crate::session::Session;

/// `mintage user set-password`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage user set-password ada@example.com
  $ mintage user set-password ada@example.com --password-file ada.password")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
    #[command(flatten)]
    password: NewPassword,
}

/// Gives a user another password.
pub(crate) async fn run(Arguments { which, password }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let User { tenant_id, id, email, .. } = which.find(session).await?;
    let password = password.read()?.to_string();
    let request = SetPasswordRequest { tenant_id, id, password };
    let SetPasswordResponse {} = session.users().await?.set_password(request).await?.into_inner();
    Ok(Answer::default().remark(format!("{email} has another password, and is signed in nowhere.")))
}
