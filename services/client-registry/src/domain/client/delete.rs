//! A client goes, with its secrets and grants.

use mintage_oauth::{ClientId, TenantId};

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, Reach, RegistryError};

/// Deletes the client and everything it could use.
pub(crate) struct DeleteClient<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientId,
    pub(crate) reach: &'a Reach,
}

impl Write for DeleteClient<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { tenant, id, reach } = *self;
        ledger.client(tenant, id).await?.ok_or(RegistryError::NotFound(Kind::Client))?;
        reach.check_client(tenant, id, ledger).await?;
        let grants = ledger.client_grants_of(tenant, id).await?;
        ledger.delete_client(tenant, id).await?;
        ledger.record(tenant, Subject::Client(id.clone()));
        for grant in grants {
            ledger.record(tenant, grant.subject());
        }
        Ok(())
    }
}
