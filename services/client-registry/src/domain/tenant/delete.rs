//! A tenant goes, with all it holds.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, RingRemoval, Write};
use crate::domain::{Kind, RegistryError};

/// Deletes everything of the tenant; its keys follow.
pub(crate) struct DeleteTenant<'a> {
    pub(crate) id: &'a TenantId,
    pub(crate) now: Timestamp,
}

impl Write for DeleteTenant<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { id, now } = *self;
        if id.is_default() {
            return Err(RegistryError::SystemObject(Kind::Tenant));
        }
        ledger.tenant(id).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        ledger.delete_tenant(id).await?;
        ledger.owe_removal(&RingRemoval::Tenant(id.clone()), now).await?;
        ledger.record(id, Subject::Tenant);
        Ok(())
    }
}
