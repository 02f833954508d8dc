//! `mintage client show`.

use clap::Args;
use mintage_api::registry::GetClientRequest;

use crate::commands::arguments::OneClient;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Client;

/// `mintage client show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage client show p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneClient,
}

/// Shows one client.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let OneClient { client_id, place } = which;
    let request = GetClientRequest { tenant_id: place.tenant, client_id };
    let answer = session.clients().await?.get_client(request).await?.into_inner();
    Answer::one(&Client::from(present(answer.client)?))
}
