//! `mintage grant show`.

use clap::Args;
use mintage_api::registry::GetClientGrantRequest;

use crate::commands::arguments::OneGrant;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Grant;

/// `mintage grant show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage grant show cgr_7Hq2ZkVb9sXn4TfW")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneGrant,
}

/// Shows one grant.
pub(crate) async fn run(Arguments { which }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let OneGrant { id, place } = which;
    let request = GetClientGrantRequest { tenant_id: place.tenant, id };
    let answer = session.grants().await?.get_client_grant(request).await?.into_inner();
    Answer::one(&Grant::from(present(answer.client_grant)?))
}
