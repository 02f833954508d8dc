//! The scopes of a grant are replaced.

use mintage_clock::Timestamp;
use mintage_oauth::{ScopeSet, TenantId};

use super::ClientGrant;
use super::model::check_scopes;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{ClientGrantId, Kind, Reach, RegistryError};

/// Replaces the scopes and returns the grant as it is now.
pub(crate) struct UpdateClientGrant<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientGrantId,
    pub(crate) scopes: &'a ScopeSet,
    pub(crate) reach: &'a Reach,
    pub(crate) now: Timestamp,
}

impl Write for UpdateClientGrant<'_> {
    type Done = ClientGrant;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<ClientGrant, RegistryError> {
        let Self { tenant, id, scopes, reach, now } = *self;
        let mut grant = ledger.client_grant(tenant, id).await?.ok_or(RegistryError::NotFound(Kind::ClientGrant))?;
        let api = ledger.resource_server(tenant, &grant.audience).await?;
        let api = api.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        check_scopes(scopes, &api)?;
        reach.check_grant(&api, &grant.scopes, scopes)?;
        grant.scopes = scopes.clone();
        grant.updated_at = now;
        ledger.update_client_grant(&grant).await?;
        ledger.record(tenant, grant.subject());
        Ok(grant)
    }
}
