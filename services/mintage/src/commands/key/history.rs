//! `mintage key history`.

use clap::Args;
use mintage_api::keys::{ListKeyFactsRequest, ListKeyFactsResponse};

use crate::commands::arguments::InTenant;
use crate::commands::pages::{self, PAGE_SIZE};
use crate::output::Answer;
use crate::session::Session;
use crate::view::KeyFact;

/// `mintage key history`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  $ mintage key history
  $ mintage key history --limit 10 --output json")]
pub(crate) struct Arguments {
    /// Shows at most so many, the latest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    place: InTenant,
}

/// Shows what was done to the keys of a tenant, by whom and why, latest first.
pub(crate) async fn run(Arguments { limit, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut rings = session.key_rings().await?;
    let limit = usize::try_from(limit)?;
    let mut left = limit;
    let facts = pages::all(async |page_token| {
        let tenant_id = place.tenant.clone();
        let request = ListKeyFactsRequest { tenant_id, page_size: PAGE_SIZE, page_token };
        let ListKeyFactsResponse { facts, next_page_token } = rings.list_key_facts(request).await?.into_inner();
        left = left.saturating_sub(facts.len());
        // What is beyond the limit is not asked for.
        Ok((facts, if left == 0 { String::new() } else { next_page_token }))
    });
    let facts: Vec<_> = facts.await?.into_iter().take(limit).map(KeyFact::from).collect();
    if facts.is_empty() {
        pages::check_tenant(&place, session).await?;
    }
    Answer::many(&facts)
}
