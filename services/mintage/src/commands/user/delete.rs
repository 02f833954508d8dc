//! `mintage user delete`.

use clap::Args;
use mintage_api::consent::{DeleteUserRequest, DeleteUserResponse, User};

use super::one::OneUser;
use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage user delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage user delete ada@example.com --yes")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Deletes a user.
pub(crate) async fn run(Arguments { which, confirmation }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let User { tenant_id, id, email, .. } = which.find(session).await?;
    confirmation.ask(&format!("Delete user {email} with sessions and grants?"))?;
    let request = DeleteUserRequest { tenant_id, id };
    let DeleteUserResponse {} = session.users().await?.delete_user(request).await?.into_inner();
    Ok(Answer::default().remark(format!("User {email} is deleted.")))
}
