//! `mintage client delete`.

use clap::Args;
use mintage_api::registry::{DeleteClientRequest, DeleteClientResponse};

use crate::commands::arguments::OneClient;
use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage client delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage client delete p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf --yes")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneClient,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Deletes a client.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which: OneClient { client_id, place }, confirmation } = arguments;
    confirmation.ask(&format!("Delete client {client_id} with its secrets and grants?"))?;
    let request = DeleteClientRequest { tenant_id: place.tenant, client_id: client_id.clone() };
    let DeleteClientResponse {} = session.clients().await?.delete_client(request).await?.into_inner();
    Ok(Answer::default().remark(format!("Client {client_id} is deleted.")))
}
