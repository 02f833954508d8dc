//! `mintage user list`.

use clap::Args;
use mintage_api::consent::{ListUsersRequest, ListUsersResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::User;

/// `mintage user list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage user list --tenant acme")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: InTenant,
}

/// Lists users of a tenant.
pub(crate) async fn run(Arguments { place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut users = session.users().await?;
    let all = pages::all(async |page_token| {
        let request = ListUsersRequest { tenant_id: place.tenant.clone(), page_size: PAGE_SIZE, page_token };
        let ListUsersResponse { users, next_page_token } = users.list_users(request).await?.into_inner();
        Ok((users, next_page_token))
    });
    pages::answer::<_, User>(all.await?, place, session).await
}
