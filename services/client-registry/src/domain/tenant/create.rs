//! A tenant comes into being, with its Management API.

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::resource_server::ResourceServer;
use crate::domain::{Kind, RegistryError};

use super::Tenant;

/// Stores the tenant with the API that its operators' tokens are for.
pub(crate) struct CreateTenant<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) management_api: &'a ResourceServer,
}

impl Write for CreateTenant<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { tenant, management_api } = self;
        if ledger.tenant(&tenant.id).await?.is_some() {
            return Err(RegistryError::Conflict(Kind::Tenant));
        }
        if ledger.owes_removal(&tenant.id).await? {
            // With the keys of a former tenant of this id the new ones would go.
            return Err(RegistryError::Unavailable("the keys of a former tenant are not yet removed".into()));
        }
        ledger.insert_tenant(tenant).await?;
        ledger.insert_resource_server(management_api).await?;
        ledger.record(&tenant.id, Subject::Tenant);
        ledger.record(&tenant.id, Subject::ResourceServer(management_api.identifier.clone()));
        Ok(())
    }
}
