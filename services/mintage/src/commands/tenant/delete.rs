//! `mintage tenant delete`.

use clap::Args;
use mintage_api::registry::{DeleteTenantRequest, DeleteTenantResponse};

use crate::commands::confirm::Confirmation;
use crate::output::Answer;
use crate::session::Session;

/// `mintage tenant delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $ mintage tenant delete acme --yes")]
pub(crate) struct Arguments {
    /// The tenant's id
    #[arg(value_name = "TENANT", allow_hyphen_values = true)]
    id: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Deletes a tenant.
pub(crate) async fn run(Arguments { id, confirmation }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    confirmation.ask(&format!("Delete tenant {id} with its clients, APIs, grants and keys?"))?;
    let request = DeleteTenantRequest { id: id.clone() };
    let DeleteTenantResponse {} = session.tenants().await?.delete_tenant(request).await?.into_inner();
    Ok(Answer::default().remark(format!("Tenant {id} is deleted.")))
}
