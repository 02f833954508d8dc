//! A client changes.

use mintage_clock::Timestamp;
use mintage_oauth::{ClaimMapping, ClientId, GrantType, Metadata, TenantId};

use super::model::check_claims;
use super::{Client, UserAccessChange};
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Ring, Write};
use crate::domain::{DisplayName, Kind, Reach, RegistryError};

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientChanges {
    pub(crate) name: Option<DisplayName>,
    pub(crate) enabled: Option<bool>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) grant_types: Option<Vec<GrantType>>,
    pub(crate) claim_mappings: Option<Vec<ClaimMapping>>,
    /// Field by field.
    pub(crate) user_access: Vec<UserAccessChange>,
}

impl ClientChanges {
    /// Whether another ring may be needed, or rules may be broken, when they are made.
    pub(crate) const fn touch_users(&self) -> bool {
        self.grant_types.is_some() || !self.user_access.is_empty()
    }
}

/// Changes the client and returns it as it is now.
pub(crate) struct UpdateClient<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) id: &'a ClientId,
    pub(crate) changes: &'a ClientChanges,
    /// The ring of its own that was made sure of for these changes.
    pub(crate) ring: Option<&'a Ring>,
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
        if self.changes.touch_users() && client.own_ring().is_some_and(|needed| self.ring != Some(&needed)) {
            return Err(RegistryError::Unavailable("the client was changed in another way meanwhile".into()));
        }
        ledger.update_client(&client).await?;
        ledger.record(self.tenant, Subject::Client(self.id.clone()));
        Ok(client)
    }
}

impl Client {
    /// The ring of its own that it needs once it is changed so.
    pub(crate) fn own_ring_after(mut self, changes: ClientChanges) -> Option<Ring> {
        self.grant_types = changes.grant_types.unwrap_or(self.grant_types);
        self.user_access = self.user_access.with(changes.user_access);
        self.own_ring()
    }

    pub(in crate::domain) fn apply(&mut self, changes: ClientChanges, now: Timestamp) -> Result<(), RegistryError> {
        let shown = changes.name.is_some() || changes.touch_users();
        let ClientChanges { name, enabled, metadata, grant_types, claim_mappings, user_access } = changes;
        let measured = name.is_some() || metadata.is_some() || claim_mappings.is_some();
        self.name = name.unwrap_or_else(|| self.name.clone());
        self.metadata = metadata.unwrap_or_else(|| self.metadata.clone());
        self.claim_mappings = claim_mappings.unwrap_or_else(|| self.claim_mappings.clone());
        if measured {
            check_claims(&self.name, &self.metadata, &self.claim_mappings)?;
        }
        self.enabled = enabled.unwrap_or(self.enabled);
        self.grant_types = grant_types.unwrap_or_else(|| self.grant_types.clone());
        self.user_access = self.user_access.clone().with(user_access);
        self.updated_at = now;
        self.check_kind()?;
        if shown { self.check_shown() } else { Ok(()) }
    }
}
