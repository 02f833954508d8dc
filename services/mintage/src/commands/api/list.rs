//! `mintage api list`.

use clap::Args;
use mintage_api::registry::{ListResourceServersRequest, ListResourceServersResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::Api;

/// `mintage api list`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mintage api list\n  $ mintage api list --output json | jq -r '.resource_servers[].identifier'"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: InTenant,
}

/// Lists all APIs of a tenant.
pub(crate) async fn run(Arguments { place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut apis = session.apis().await?;
    let all = pages::all(async |page_token| {
        let request = ListResourceServersRequest { tenant_id: place.tenant.clone(), page_size: PAGE_SIZE, page_token };
        let answer = apis.list_resource_servers(request).await?.into_inner();
        let ListResourceServersResponse { resource_servers, next_page_token } = answer;
        Ok((resource_servers, next_page_token))
    });
    pages::answer::<_, Api>(all.await?, place, session).await
}
