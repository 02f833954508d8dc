//! `mintage api show`.

use clap::Args;
use mintage_api::registry::GetResourceServerRequest;

use crate::commands::arguments::InTenant;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Api;

/// `mintage api show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage api show https://demo.mintage.test/")]
pub(crate) struct Arguments {
    /// The API's identifier or id
    #[arg(allow_hyphen_values = true)]
    api: String,
    #[command(flatten)]
    place: InTenant,
}

/// Shows one API.
pub(crate) async fn run(Arguments { api, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = GetResourceServerRequest { tenant_id: place.tenant, id: api };
    let answer = session.apis().await?.get_resource_server(request).await?.into_inner();
    Answer::one(&Api::from(present(answer.resource_server)?))
}
