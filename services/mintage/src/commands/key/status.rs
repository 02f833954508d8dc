//! `mintage key status`.

use clap::Args;
use mintage_api::keys::{self, ListKeyRingsRequest, ListKeyRingsResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::{Answer, Block, View};
use crate::session::Session;
use crate::view::KeyRing;

/// `mintage key status`.
#[derive(Debug, Args)]
#[command(after_help = "\
HELD BY says how many of the connected watchers of the key set have acknowledged the key.

Examples:
  $ mintage key status
  $ mintage key status --output json | jq '.key_rings[].rotates_at'")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: InTenant,
}

/// Shows every ring of a tenant: what each key does, what comes next and when, and who holds it.
pub(crate) async fn run(Arguments { place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut client = session.key_rings().await?;
    let rings = pages::all(async |page_token| {
        let request = ListKeyRingsRequest { tenant_id: place.tenant.clone(), page_size: PAGE_SIZE, page_token };
        let ListKeyRingsResponse { rings, next_page_token } = client.list_key_rings(request).await?.into_inner();
        Ok((rings, next_page_token))
    });
    let rings = rings.await?;
    if rings.is_empty() {
        pages::check_tenant(&place, session).await?;
    }
    answer(rings)
}

/// The rings with their keys.
pub(super) fn answer(rings: Vec<keys::KeyRing>) -> anyhow::Result<Answer> {
    let rings: Vec<_> = rings.into_iter().map(KeyRing::from).collect();
    let mut answer = Answer::default().with(KeyRing::MANY, &rings)?;
    if rings.is_empty() {
        return Ok(answer.remark("There are none."));
    }
    answer = answer.block(Block::Grid(KeyRing::HEAD, rings.iter().map(View::row).collect()));
    answer = answer.block(Block::Grid(KeyRing::KEYS, rings.iter().flat_map(KeyRing::key_rows).collect()));
    Ok(rings.iter().flat_map(KeyRing::remarks).fold(answer, Answer::remark))
}
