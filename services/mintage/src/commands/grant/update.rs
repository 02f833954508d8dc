//! `mintage grant update`.

use clap::Args;
use mintage_api::registry::UpdateClientGrantRequest;

use crate::commands::arguments::{OneGrant, scopes};
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Grant;

/// `mintage grant update`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage grant update <GRANT> <CHANGES> [OPTIONS]",
    after_help = "Example:\n  $ mintage grant update cgr_7Hq2ZkVb9sXn4TfW --scope 'read:demo write:demo'"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneGrant,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "One of")]
struct Changes {
    /// A scope it has from now on; repeatable, or several with spaces between: those given replace all
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Leaves the grant without scopes
    #[arg(long)]
    no_scopes: bool,
}

/// Replaces the scopes of a grant.
pub(crate) async fn run(Arguments { which, changes }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let OneGrant { id, place } = which;
    let request = UpdateClientGrantRequest { tenant_id: place.tenant, id, scopes: scopes(&changes.scopes) };
    let answer = session.grants().await?.update_client_grant(request).await?.into_inner();
    Answer::one(&Grant::from(present(answer.client_grant)?))
}
