//! An API goes, with the grants for it.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, TenantId};

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, RingRemoval, Write};
use crate::domain::{Kind, RegistryError};

/// Deletes the API; the ring with its own secret, if it ever had one, follows.
pub(crate) struct DeleteResourceServer<'a> {
    pub(crate) tenant: &'a TenantId,
    /// Id or identifier.
    pub(crate) key: &'a Audience,
    pub(crate) now: Timestamp,
}

impl Write for DeleteResourceServer<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { tenant, key, now } = *self;
        let found = ledger.resource_server(tenant, key).await?;
        let api = found.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        if api.is_system {
            return Err(RegistryError::SystemObject(Kind::ResourceServer));
        }
        let grants = ledger.client_grants_for(tenant, &api.id).await?;
        ledger.delete_resource_server(tenant, &api.id).await?;
        ledger.owe_removal(&RingRemoval::Api(tenant.clone(), api.id), now).await?;
        ledger.record(tenant, Subject::ResourceServer(api.identifier));
        for grant in grants {
            ledger.record(tenant, grant.subject());
        }
        Ok(())
    }
}
