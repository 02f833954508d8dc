//! A client comes into being.

use super::Client;
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, RegistryError};

/// Stores the client.
pub(crate) struct CreateClient<'a>(pub(crate) &'a Client);

impl Write for CreateClient<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self(client) = *self;
        ledger.tenant(&client.tenant).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        ledger.insert_client(client).await?;
        // Somebody may have asked for it before it was there, and remembered that it was not.
        ledger.record(&client.tenant, Subject::Client(client.id.clone()));
        Ok(())
    }
}
