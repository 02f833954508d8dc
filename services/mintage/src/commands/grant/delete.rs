//! `mintage grant delete`.

use clap::Args;
use mintage_api::registry::{DeleteClientGrantRequest, DeleteClientGrantResponse};

use crate::commands::arguments::OneGrant;
use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage grant delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage grant delete cgr_7Hq2ZkVb9sXn4TfW --yes")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneGrant,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Deletes a grant.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which: OneGrant { id, place }, confirmation } = arguments;
    confirmation.ask(&format!("Delete grant {id}?"))?;
    let request = DeleteClientGrantRequest { tenant_id: place.tenant, id: id.clone() };
    let DeleteClientGrantResponse {} = session.grants().await?.delete_client_grant(request).await?.into_inner();
    Ok(Answer::default().remark(format!("Grant {id} is deleted.")))
}
