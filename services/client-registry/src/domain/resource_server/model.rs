//! What a resource server is.

use std::collections::HashSet;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{Algorithm, Audience, ClaimMapping, Scope, ScopeSet, TenantId, TokenLifetime, TokenProfile};

use crate::domain::claims::check_claim_mappings;
use crate::domain::ports::{Ring, RingRemoval};
use crate::domain::{Description, DisplayName, RegistryError, ResourceServerId, check_seen, token_size};

/// A resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceServer {
    pub(crate) tenant: TenantId,
    pub(crate) id: ResourceServerId,
    /// For life.
    pub(crate) identifier: Audience,
    pub(crate) terms: Terms,
    /// The Management API: cannot be changed or deleted.
    pub(crate) is_system: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What may change about an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) name: DisplayName,
    /// At most 100, none twice.
    pub(crate) scopes: Vec<ScopeDefinition>,
    pub(crate) algorithm: Algorithm,
    pub(crate) profile: TokenProfile,
    pub(crate) lifetime: TokenLifetime,
    pub(crate) claim_mappings: Vec<ClaimMapping>,
    pub(crate) consent: ConsentPolicy,
}

/// What users may let clients do at an API; by default nothing beyond what they must be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConsentPolicy {
    /// Whether users may consent to third parties.
    pub(crate) allow_third_parties: bool,
    /// Whether first parties that can be told apart need no consent.
    pub(crate) skip_for_verifiable_first_parties: bool,
    /// Whether there are refresh tokens.
    pub(crate) allow_offline_access: bool,
}

/// A scope that an API defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScopeDefinition {
    pub(crate) value: Scope,
    pub(crate) description: Description,
    /// Whether a user may leave it out.
    pub(crate) optional: bool,
}

/// What is said of an API that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewResourceServer {
    pub(crate) tenant: TenantId,
    pub(crate) identifier: Audience,
    pub(crate) terms: Terms,
}

/// What each tenant's Management API is called and which scopes it defines.
#[derive(Clone, Debug)]
pub(crate) struct ManagementApi {
    pub(crate) identifier: Audience,
    pub(crate) name: DisplayName,
    pub(crate) scopes: Vec<ScopeDefinition>,
}

impl ResourceServer {
    /// An API as it is to be stored.
    pub(crate) fn new(new: NewResourceServer, now: Timestamp, randomness: &Randomness) -> Result<Self, RegistryError> {
        let NewResourceServer { tenant, identifier, terms } = new;
        if identifier.as_str().parse::<ResourceServerId>().is_ok() {
            return Err(RegistryError::invalid("identifier", "it has the form of an API's id"));
        }
        check_seen("name", &terms.name.to_string())?;
        check_scopes(&terms.scopes)?;
        check_claims(&terms.claim_mappings)?;
        let api = Self {
            tenant,
            id: ResourceServerId::generate(randomness),
            identifier,
            terms,
            is_system: false,
            created_at: now,
            updated_at: now,
        };
        api.check_consent()?;
        Ok(api)
    }

    /// The Management API of a tenant. The guard of the suite asks for `typ` at+jwt, so its profile is RFC 9068. Its
    /// tokens live for ten minutes; that of an operator who was disabled ends at once (decision 9).
    pub(crate) fn management(tenant: TenantId, api: ManagementApi, now: Timestamp, randomness: &Randomness) -> Self {
        let ManagementApi { identifier, name, scopes } = api;
        Self {
            tenant,
            id: ResourceServerId::generate(randomness),
            identifier,
            terms: Terms {
                name,
                scopes,
                algorithm: Algorithm::Es256,
                profile: TokenProfile::Rfc9068,
                lifetime: TokenLifetime::OPERATOR,
                claim_mappings: Vec::new(),
                consent: ConsentPolicy::default(),
            },
            is_system: true,
            created_at: now,
            updated_at: now,
        }
    }

    /// The ring whose keys sign tokens for it.
    pub(crate) fn ring(&self) -> Ring {
        self.ring_for(self.terms.algorithm, self.terms.lifetime)
    }

    /// The ring that would sign for it with another algorithm, or tokens of another life. An HS256 secret is shared with the
    /// API, so each has its own.
    pub(crate) fn ring_for(&self, algorithm: Algorithm, lifetime: TokenLifetime) -> Ring {
        let resource_server = algorithm.is_symmetric().then(|| self.id.clone());
        Ring { tenant: self.tenant.clone(), algorithm, resource_server, lifetime }
    }

    /// The rings that go with it.
    pub(crate) fn own_rings(&self) -> RingRemoval {
        RingRemoval::Api(self.tenant.clone(), self.id.clone())
    }

    /// Whether third parties may never get a token for it: with HS256 whoever verifies can also sign, and the
    /// Management API rules over the tenant.
    pub(crate) const fn refuses_third_parties(&self) -> bool {
        self.is_system || self.terms.algorithm.is_symmetric()
    }

    /// Users cannot consent to what is refused anyway.
    pub(super) fn check_consent(&self) -> Result<(), RegistryError> {
        if self.terms.consent.allow_third_parties && self.refuses_third_parties() {
            let rule = "with HS256 a third party that verifies tokens could make them, too";
            return Err(RegistryError::invalid("consent.third_parties", rule));
        }
        Ok(())
    }

    /// The scopes it defines.
    pub(crate) fn defined_scopes(&self) -> ScopeSet {
        self.terms.scopes.iter().map(|scope| scope.value.clone()).collect()
    }
}

/// None twice, as many as a token can carry, and each described as users can read it.
pub(super) fn check_scopes(scopes: &[ScopeDefinition]) -> Result<(), RegistryError> {
    scopes.iter().try_for_each(|scope| check_seen("scopes.description", &scope.description.to_string()))?;
    if scopes.len() > ScopeSet::MAX_ASKED {
        return Err(RegistryError::LimitReached { limit: "100 scopes" });
    }
    let mut seen = HashSet::new();
    match scopes.iter().find(|scope| !seen.insert(&scope.value)) {
        Some(twice) => Err(RegistryError::invalid("scopes", format_args!("{} stands twice", twice.value))),
        None => token_size::check_scopes(&scopes.iter().map(|scope| scope.value.clone()).collect()),
    }
}

/// One value for each claim, and as many as a token can carry.
pub(super) fn check_claims(mappings: &[ClaimMapping]) -> Result<(), RegistryError> {
    check_claim_mappings(mappings)?;
    token_size::check_api_claims(mappings)
}
