//! An API changes.

use mintage_clock::Timestamp;
use mintage_oauth::{Algorithm, Audience, ClaimMapping, TenantId, TokenLifetime, TokenProfile};

use super::model::{check_claims, check_scopes};
use super::{ResourceServer, ScopeDefinition};
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{DisplayName, Kind, RegistryError};

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceServerChanges {
    pub(crate) name: Option<DisplayName>,
    pub(crate) scopes: Option<Vec<ScopeDefinition>>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) profile: Option<TokenProfile>,
    pub(crate) lifetime: Option<TokenLifetime>,
    pub(crate) claim_mappings: Option<Vec<ClaimMapping>>,
}

/// Changes the API and returns it as it is now. Scopes it no longer defines leave its grants in the same write.
pub(crate) struct UpdateResourceServer<'a> {
    pub(crate) tenant: &'a TenantId,
    /// Id or identifier.
    pub(crate) key: &'a Audience,
    pub(crate) changes: &'a ResourceServerChanges,
    pub(crate) now: Timestamp,
}

impl Write for UpdateResourceServer<'_> {
    type Done = ResourceServer;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<ResourceServer, RegistryError> {
        let Self { tenant, key, changes, now } = *self;
        let found = ledger.resource_server(tenant, key).await?;
        let mut api = found.ok_or(RegistryError::NotFound(Kind::ResourceServer))?;
        api.apply(changes.clone(), now)?;
        if api.refuses_third_parties()
            && let Some(client) = ledger.third_party_at(tenant, &api.id).await?
        {
            return Err(RegistryError::ThirdPartyRefused { client, audience: api.identifier });
        }
        ledger.update_resource_server(&api).await?;
        ledger.record(tenant, Subject::ResourceServer(api.identifier.clone()));
        if changes.scopes.is_some() {
            narrow_grants(ledger, &api, now).await?;
        }
        Ok(api)
    }
}

async fn narrow_grants<L: Ledger>(ledger: &L, api: &ResourceServer, now: Timestamp) -> Result<(), RegistryError> {
    let defined = api.defined_scopes();
    for mut grant in ledger.client_grants_for(&api.tenant, &api.id).await? {
        if grant.narrow_to(&defined, now) {
            ledger.update_client_grant(&grant).await?;
            ledger.record(&api.tenant, grant.subject());
        }
    }
    Ok(())
}

impl ResourceServer {
    fn apply(&mut self, changes: ResourceServerChanges, now: Timestamp) -> Result<(), RegistryError> {
        if self.is_system {
            return Err(RegistryError::SystemObject(Kind::ResourceServer));
        }
        let ResourceServerChanges { name, scopes, algorithm, profile, lifetime, claim_mappings } = changes;
        if let Some(scopes) = scopes {
            check_scopes(&scopes)?;
            self.scopes = scopes;
        }
        if let Some(mappings) = claim_mappings {
            check_claims(&mappings)?;
            self.claim_mappings = mappings;
        }
        self.name = name.unwrap_or_else(|| self.name.clone());
        self.algorithm = algorithm.unwrap_or(self.algorithm);
        self.profile = profile.unwrap_or(self.profile);
        self.lifetime = lifetime.unwrap_or(self.lifetime);
        self.updated_at = now;
        Ok(())
    }
}
