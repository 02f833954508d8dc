//! `mintage consent revoke`.

use clap::Args;
use mintage_api::consent::{DeleteUserGrantRequest, DeleteUserGrantResponse};

use crate::commands::arguments::InTenant;
use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage consent revoke`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage consent revoke ugr_7Hq2ZkVb9sXn4TfW1cRm8LpD --yes")]
pub(crate) struct Arguments {
    /// The user grant's id
    #[arg(value_name = "USER_GRANT", allow_hyphen_values = true)]
    id: String,
    #[command(flatten)]
    place: InTenant,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Takes a grant away.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { id, place, confirmation } = arguments;
    confirmation.ask(&format!("Revoke {id} with its refresh tokens?"))?;
    let request = DeleteUserGrantRequest { tenant_id: place.tenant, id: id.clone() };
    let DeleteUserGrantResponse {} = session.user_grants().await?.delete_user_grant(request).await?.into_inner();
    Ok(Answer::default().remark(format!("{id} is revoked: its refresh tokens are worth nothing any more.")))
}
