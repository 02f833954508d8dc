//! `mintage consent list`.

use clap::Args;
use mintage_api::consent::{ListUserGrantsRequest, ListUserGrantsResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::commands::user::id_of;
use crate::output::Answer;
use crate::session::Session;
use crate::view::UserGrant;

/// `mintage consent list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage consent list --user ada@example.com
  $ mintage consent list --client tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --api https://demo.mintage.test/")]
pub(crate) struct Arguments {
    /// Of this user only, by id or e-mail address
    #[arg(long, value_name = "USER", default_value = "", hide_default_value = true)]
    user: String,
    /// Of this client only
    #[arg(long, value_name = "CLIENT_ID", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    client: String,
    /// For this API only, by its identifier
    #[arg(long, value_name = "AUDIENCE", default_value = "", hide_default_value = true)]
    api: String,
    #[command(flatten)]
    place: InTenant,
}

/// Lists what users of a tenant granted.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { user, client, api, place } = arguments;
    let user_id = id_of(&user, &place.tenant, session).await?;
    let mut grants = session.user_grants().await?;
    let all = pages::all(async |page_token| {
        let request = ListUserGrantsRequest {
            tenant_id: place.tenant.clone(),
            user_id: user_id.clone(),
            client_id: client.clone(),
            audience: api.clone(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let ListUserGrantsResponse { user_grants, next_page_token } =
            grants.list_user_grants(request).await?.into_inner();
        Ok((user_grants, next_page_token))
    });
    pages::answer::<_, UserGrant>(all.await?, place, session).await
}
