//! A grant goes.

use mintage_oauth::{ScopeSet, TenantId};

use crate::domain::ports::{Ledger, Write};
use crate::domain::{ClientGrantId, Kind, Reach, RegistryError};

/// Deletes the grant.
pub(crate) struct DeleteClientGrant<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientGrantId,
    pub(crate) reach: &'a Reach,
}

impl Write for DeleteClientGrant<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { tenant, id, reach } = *self;
        let grant = ledger.client_grant(tenant, id).await?.ok_or(RegistryError::NotFound(Kind::ClientGrant))?;
        let api = ledger.resource_server(tenant, &grant.audience).await?;
        let api = api.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        reach.check_grant(&api, &grant.scopes, &ScopeSet::default())?;
        ledger.delete_client_grant(tenant, id).await?;
        ledger.record(tenant, grant.subject());
        Ok(())
    }
}
