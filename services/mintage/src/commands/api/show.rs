//! `mintage api show`.

use clap::Args;
use mintage_api::registry::GetResourceServerRequest;

use crate::commands::arguments::OneApi;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Api;

/// `mintage api show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage api show https://demo.mintage.test/")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneApi,
}

/// Shows one API.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let OneApi { api, place } = which;
    let request = GetResourceServerRequest { tenant_id: place.tenant, id: api };
    let answer = session.apis().await?.get_resource_server(request).await?.into_inner();
    Answer::one(&Api::from(present(answer.resource_server)?))
}
