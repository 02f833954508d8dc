//! A grant goes.

use mintage_oauth::TenantId;

use crate::domain::ports::{Ledger, Write};
use crate::domain::{ClientGrantId, Kind, RegistryError};

/// Deletes the grant.
pub(crate) struct DeleteClientGrant<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientGrantId,
}

impl Write for DeleteClientGrant<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { tenant, id } = *self;
        let grant = ledger.client_grant(tenant, id).await?.ok_or(RegistryError::NotFound(Kind::ClientGrant))?;
        ledger.delete_client_grant(tenant, id).await?;
        ledger.record(tenant, grant.subject());
        Ok(())
    }
}
