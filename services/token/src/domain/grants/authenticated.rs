//! Who asks, before anything else is looked at.

use std::sync::Arc;

use mintage_oauth::TenantId;

use crate::domain::records::{Client, Tenant};
use crate::domain::{Arrival, Credential, IssueError, MintParts};

/// The tenant, and the client that proved to be who it says. Nobody passes the gate of a tenant that does not exist;
/// whoever fails there does not learn that it does not.
pub(in crate::domain) async fn authenticated(
    mint: &MintParts,
    tenant_id: &TenantId,
    credential: &Credential,
    arrival: Arrival,
) -> Result<(Arc<Tenant>, Arc<Client>), IssueError> {
    let tenant = mint.directory.tenant(tenant_id).await?;
    let client = match &tenant {
        Some(tenant) => mint.gate.look_up(&tenant.id, &credential.client_id).await?,
        None => None,
    };
    mint.gate.hear_again(arrival)?;
    let client = mint.gate.admit(arrival, tenant_id, client, credential.secret()).await?;
    Ok((tenant.ok_or(IssueError::ClientAuthenticationFailed)?, client))
}
