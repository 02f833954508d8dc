//! What is registered is replaced.

use mintage_clock::Timestamp;

use super::{ClientMetadata, Holder};
use crate::domain::change::Subject;
use crate::domain::client::Client;
use crate::domain::ports::{Ledger, Write};
use crate::domain::tenant::DynamicRegistration;
use crate::domain::{Kind, RegistryError};

/// Replaces what a client says of itself; returns it as it is now. Its name and where it leads stay what users agreed to.
/// Where the tenant lets nobody register any more, nobody says anything new.
pub(crate) struct UpdateRegistration<'a> {
    pub(crate) holder: Holder<'a>,
    pub(crate) said: &'a ClientMetadata,
    pub(crate) now: Timestamp,
}

impl Write for UpdateRegistration<'_> {
    type Done = Client;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<Client, RegistryError> {
        let Self { holder, said, now } = self;
        holder.check_in(ledger).await?;
        let tenant = ledger.tenant(holder.tenant).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        if tenant.dynamic_registration == DynamicRegistration::Off {
            return Err(RegistryError::RegistrationOff);
        }
        let found = ledger.client(holder.tenant, holder.client).await?;
        let mut client = found.ok_or(RegistryError::RegistrationRefused)?;
        if said.client_type.is_some_and(|client_type| client_type != client.client_type) {
            return Err(RegistryError::invalid("client_type", "it is fixed for life"));
        }
        said.check_name(&tenant, ledger).await?;
        said.check_is_still(&client)?;
        client.apply((*said).clone().changes(), *now)?;
        ledger.update_client(&client).await?;
        ledger.record(holder.tenant, Subject::Client(client.id.clone()));
        Ok(client)
    }
}
