//! `mintage api delete`.

use clap::Args;
use mintage_api::registry::{DeleteResourceServerRequest, DeleteResourceServerResponse};

use crate::commands::arguments::OneApi;
use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage api delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage api delete https://billing.example.com/ --yes")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneApi,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Deletes an API.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which: OneApi { api, place }, confirmation } = arguments;
    confirmation.ask(&format!("Delete API {api} with the grants for it?"))?;
    let request = DeleteResourceServerRequest { tenant_id: place.tenant, id: api.clone() };
    let DeleteResourceServerResponse {} = session.apis().await?.delete_resource_server(request).await?.into_inner();
    Ok(Answer::default().remark(format!("API {api} is deleted.")))
}
