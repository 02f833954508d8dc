//! An API comes into being.

use super::ResourceServer;
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, RegistryError};

/// Stores the API; its key ring exists already.
pub(crate) struct CreateResourceServer<'a>(pub(crate) &'a ResourceServer);

impl Write for CreateResourceServer<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self(api) = *self;
        ledger.tenant(&api.tenant).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        ledger.insert_resource_server(api).await?;
        ledger.record(&api.tenant, Subject::ResourceServer(api.identifier.clone()));
        Ok(())
    }
}
