//! What a client grant is.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, Party, ScopeSet, TenantId};

use crate::domain::change::Subject;
use crate::domain::client::Client;
use crate::domain::resource_server::ResourceServer;
use crate::domain::{ClientGrantId, RegistryError, ResourceServerId, token_size};

/// client × resource server × scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientGrant {
    pub(crate) tenant: TenantId,
    pub(crate) id: ClientGrantId,
    pub(crate) client: ClientId,
    pub(crate) resource_server: ResourceServerId,
    /// The API's identifier.
    pub(crate) audience: Audience,
    /// Each defined by the API.
    pub(crate) scopes: ScopeSet,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What is said of a grant that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewClientGrant {
    pub(crate) id: ClientGrantId,
    pub(crate) tenant: TenantId,
    pub(crate) client: ClientId,
    pub(crate) audience: Audience,
    pub(crate) scopes: ScopeSet,
}

impl ClientGrant {
    /// Grants `client` scopes of `api`.
    pub(super) fn new(
        new: &NewClientGrant,
        client: &Client,
        api: &ResourceServer,
        now: Timestamp,
    ) -> Result<Self, RegistryError> {
        if client.party == Party::Third && api.refuses_third_parties() {
            let (client, audience) = (client.id.clone(), api.identifier.clone());
            return Err(RegistryError::ThirdPartyRefused { client, audience });
        }
        check_scopes(&new.scopes, api)?;
        Ok(Self {
            tenant: new.tenant.clone(),
            id: new.id.clone(),
            client: client.id.clone(),
            resource_server: api.id.clone(),
            audience: api.identifier.clone(),
            scopes: new.scopes.clone(),
            created_at: now,
            updated_at: now,
        })
    }

    /// Takes away what is not in `defined`; tells whether anything was.
    pub(in crate::domain) fn narrow_to(&mut self, defined: &ScopeSet, now: Timestamp) -> bool {
        if self.scopes.missing_from(defined).is_empty() {
            return false;
        }
        self.scopes = self.scopes.iter().filter(|scope| defined.contains(scope.as_str())).cloned().collect();
        self.updated_at = now;
        true
    }

    /// What the change feed says when it changes.
    pub(in crate::domain) fn subject(&self) -> Subject {
        Subject::ClientGrant { client: self.client.clone(), audience: self.audience.clone() }
    }
}

/// Each defined by the API, and together no more than a token can carry.
pub(super) fn check_scopes(scopes: &ScopeSet, api: &ResourceServer) -> Result<(), RegistryError> {
    match scopes.missing_from(&api.defined_scopes()).first() {
        Some(missing) => Err(RegistryError::invalid("scopes", format_args!("the API does not define {missing}"))),
        None => token_size::check_scopes(scopes),
    }
}
