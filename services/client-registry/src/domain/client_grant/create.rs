//! A client is granted scopes of an API.

use mintage_clock::Timestamp;
use mintage_oauth::ScopeSet;

use super::{ClientGrant, NewClientGrant};
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, Reach, RegistryError};

/// Stores the grant and returns it.
pub(crate) struct CreateClientGrant<'a> {
    pub(crate) new: &'a NewClientGrant,
    pub(crate) reach: &'a Reach,
    pub(crate) now: Timestamp,
}

impl Write for CreateClientGrant<'_> {
    type Done = ClientGrant;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<ClientGrant, RegistryError> {
        let Self { new, reach, now } = *self;
        let client = ledger.client(&new.tenant, &new.client).await?.ok_or(RegistryError::NotFound(Kind::Client))?;
        let api = ledger.resource_server(&new.tenant, &new.audience).await?;
        let api = api.filter(|api| api.identifier == new.audience);
        let api = api.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        reach.check_grant(&api, &ScopeSet::default(), &new.scopes)?;
        let grant = ClientGrant::new(new, &client, &api, now)?;
        ledger.insert_client_grant(&grant).await?;
        ledger.record(&grant.tenant, grant.subject());
        Ok(grant)
    }
}
