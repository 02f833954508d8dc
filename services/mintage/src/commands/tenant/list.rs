//! `mintage tenant list`.

use clap::Args;
use mintage_api::registry::{ListTenantsRequest, ListTenantsResponse};

use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::Tenant;

/// `mintage tenant list`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mintage tenant list\n  $ mintage tenant list --output json | jq -r '.tenants[].id'"
)]
pub(crate) struct Arguments {}

/// Lists all tenants.
pub(crate) async fn run(Arguments {}: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut tenants = session.tenants().await?;
    let all = pages::all(async |page_token| {
        let request = ListTenantsRequest { page_size: PAGE_SIZE, page_token };
        let ListTenantsResponse { tenants, next_page_token } = tenants.list_tenants(request).await?.into_inner();
        Ok((tenants, next_page_token))
    });
    let all: Vec<_> = all.await?.into_iter().map(Tenant::from).collect();
    Answer::many(&all)
}
