//! `mintage grant list`.

use clap::Args;
use mintage_api::registry::{ListClientGrantsRequest, ListClientGrantsResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::Grant;

/// `mintage grant list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage grant list
  $ mintage grant list --api https://demo.mintage.test/")]
pub(crate) struct Arguments {
    /// Of this client only
    #[arg(long, value_name = "CLIENT_ID", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    client: String,
    /// For this API only, by its identifier
    #[arg(long, value_name = "AUDIENCE", default_value = "", hide_default_value = true)]
    api: String,
    #[command(flatten)]
    place: InTenant,
}

/// Lists grants of a tenant.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut grants = session.grants().await?;
    let all = pages::all(async |page_token| {
        let request = ListClientGrantsRequest {
            tenant_id: arguments.place.tenant.clone(),
            page_size: PAGE_SIZE,
            page_token,
            client_id: arguments.client.clone(),
            audience: arguments.api.clone(),
        };
        let answer = grants.list_client_grants(request).await?.into_inner();
        let ListClientGrantsResponse { client_grants, next_page_token } = answer;
        Ok((client_grants, next_page_token))
    });
    pages::answer::<_, Grant>(all.await?, arguments.place, session).await
}
