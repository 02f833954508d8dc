//! A client changes.

use mintage_clock::Timestamp;
use mintage_oauth::{ClaimMapping, ClientId, GrantType, Metadata, TenantId};

use super::Client;
use super::model::check_claims;
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{DisplayName, Kind, Reach, RegistryError};

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientChanges {
    pub(crate) name: Option<DisplayName>,
    pub(crate) enabled: Option<bool>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) grant_types: Option<Vec<GrantType>>,
    pub(crate) claim_mappings: Option<Vec<ClaimMapping>>,
}

/// Changes the client and returns it as it is now.
pub(crate) struct UpdateClient<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientId,
    pub(crate) changes: &'a ClientChanges,
    pub(crate) reach: &'a Reach,
    pub(crate) now: Timestamp,
}

impl Write for UpdateClient<'_> {
    type Done = Client;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<Client, RegistryError> {
        let found = ledger.client(self.tenant, self.id).await?;
        let mut client = found.ok_or(RegistryError::NotFound(Kind::Client))?;
        self.reach.check_client(self.tenant, self.id, ledger).await?;
        client.apply(self.changes.clone(), self.now)?;
        ledger.update_client(&client).await?;
        ledger.record(self.tenant, Subject::Client(self.id.clone()));
        Ok(client)
    }
}

impl Client {
    fn apply(&mut self, changes: ClientChanges, now: Timestamp) -> Result<(), RegistryError> {
        let ClientChanges { name, enabled, metadata, grant_types, claim_mappings } = changes;
        let measured = name.is_some() || metadata.is_some() || claim_mappings.is_some();
        self.name = name.unwrap_or_else(|| self.name.clone());
        self.metadata = metadata.unwrap_or_else(|| self.metadata.clone());
        self.claim_mappings = claim_mappings.unwrap_or_else(|| self.claim_mappings.clone());
        if measured {
            check_claims(&self.name, &self.metadata, &self.claim_mappings)?;
        }
        self.enabled = enabled.unwrap_or(self.enabled);
        self.grant_types = grant_types.unwrap_or_else(|| self.grant_types.clone());
        self.updated_at = now;
        Ok(())
    }
}
