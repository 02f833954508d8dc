//! `mintage tenant show`.

use clap::Args;
use mintage_api::registry::GetTenantRequest;

use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Tenant;

/// `mintage tenant show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage tenant show default")]
pub(crate) struct Arguments {
    /// The tenant's id
    #[arg(value_name = "TENANT", allow_hyphen_values = true)]
    id: String,
}

/// Shows one tenant.
pub(crate) async fn run(Arguments { id }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let answer = session.tenants().await?.get_tenant(GetTenantRequest { id }).await?.into_inner();
    Answer::one(&Tenant::from(present(answer.tenant)?))
}
