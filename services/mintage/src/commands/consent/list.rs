//! `mintage consent list`.

use clap::Args;

use super::which::WhichGrants;
use crate::commands::arguments::InTenant;
use crate::commands::pages;
use crate::output::Answer;
use crate::session::Session;
use crate::view::UserGrant;

/// `mintage consent list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Who granted is shown to operators who may read users. JSON has the ids of all.

Examples:
  $ mintage consent list --user ada@example.com
  $ mintage consent list --client tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --api https://demo.mintage.test/")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichGrants,
    #[command(flatten)]
    place: InTenant,
}

/// Lists what users of a tenant granted.
pub(crate) async fn run(Arguments { which, place }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let grants = which.by_id(&place, session).await?.list(&place, session).await?;
    pages::answer::<_, UserGrant>(grants, place, session).await
}
