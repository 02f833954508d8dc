//! `mintage key list`.

use clap::Args;
use mintage_api::keys::{ListSigningKeysRequest, ListSigningKeysResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::Key;

/// `mintage key list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  $ mintage key list\n  $ mintage key list --all --output json")]
pub(crate) struct Arguments {
    /// Also removed and revoked keys
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    place: InTenant,
}

/// Lists the keys of a tenant.
pub(crate) async fn run(Arguments { all, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut rings = session.key_rings().await?;
    let keys = pages::all(async |page_token| {
        let tenant_id = place.tenant.clone();
        let request = ListSigningKeysRequest { tenant_id, page_size: PAGE_SIZE, page_token, include_ended: all };
        let ListSigningKeysResponse { keys, next_page_token } = rings.list_signing_keys(request).await?.into_inner();
        Ok((keys, next_page_token))
    });
    pages::answer::<_, Key>(keys.await?, place, session).await
}
