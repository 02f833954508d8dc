//! An API changes.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::{Algorithm, Audience, ClaimMapping, TenantId, TokenLifetime, TokenProfile};

use super::model::{check_claims, check_scopes};
use super::{ConsentPolicy, ResourceServer, ScopeDefinition};
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Ring, Write};
use crate::domain::{DisplayName, Kind, RegistryError, check_seen};

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceServerChanges {
    pub(crate) name: Option<DisplayName>,
    pub(crate) scopes: Option<Vec<ScopeDefinition>>,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) profile: Option<TokenProfile>,
    pub(crate) lifetime: Option<TokenLifetime>,
    pub(crate) claim_mappings: Option<Vec<ClaimMapping>>,
    pub(crate) consent: Option<ConsentPolicy>,
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
        if changes.algorithm.is_some() && !api.terms.algorithm.is_symmetric() {
            // The secret it may have shared. A token service that hears of nothing may yet sign with it.
            ledger.owe_removal(&api.own_rings(), now + LONGEST_UNHEARD).await?;
        }
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
    /// The ring whose keys sign its tokens once it is changed so.
    pub(crate) fn ring_after(&self, changes: &ResourceServerChanges) -> Ring {
        let algorithm = changes.algorithm.unwrap_or(self.terms.algorithm);
        self.ring_for(algorithm, changes.lifetime.unwrap_or(self.terms.lifetime))
    }

    fn apply(&mut self, changes: ResourceServerChanges, now: Timestamp) -> Result<(), RegistryError> {
        if self.is_system {
            return Err(RegistryError::SystemObject(Kind::ResourceServer));
        }
        let terms = &mut self.terms;
        let ResourceServerChanges { name, scopes, algorithm, profile, lifetime, claim_mappings, consent } = changes;
        if let Some(scopes) = scopes {
            check_scopes(&scopes)?;
            terms.scopes = scopes;
        }
        if let Some(mappings) = claim_mappings {
            check_claims(&mappings)?;
            terms.claim_mappings = mappings;
        }
        if let Some(name) = name {
            check_seen("name", &name.to_string())?;
            terms.name = name;
        }
        terms.algorithm = algorithm.unwrap_or(terms.algorithm);
        terms.profile = profile.unwrap_or(terms.profile);
        terms.lifetime = lifetime.unwrap_or(terms.lifetime);
        terms.consent = consent.unwrap_or(terms.consent);
        self.updated_at = now;
        self.check_consent()
    }
}

/// Without the change feed, records are used no longer than for a minute.
const LONGEST_UNHEARD: Duration = Duration::from_secs(60);
