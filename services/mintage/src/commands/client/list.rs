//! `mintage client list`.

use clap::Args;
use mintage_api::registry::{ListClientsRequest, ListClientsResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::Client;

/// `mintage client list`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mintage client list\n  $ mintage client list --output json | jq -r '.clients[].client_id'"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: InTenant,
}

/// Lists all clients of a tenant.
pub(crate) async fn run(Arguments { place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut clients = session.clients().await?;
    let all = pages::all(async |page_token| {
        let request = ListClientsRequest { tenant_id: place.tenant.clone(), page_size: PAGE_SIZE, page_token };
        let ListClientsResponse { clients, next_page_token } = clients.list_clients(request).await?.into_inner();
        Ok((clients, next_page_token))
    });
    pages::answer::<_, Client>(all.await?, place, session).await
}
