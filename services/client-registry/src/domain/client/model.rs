//! What a client is.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{ClaimMapping, ClientId, ClientType, GrantType, ID_TOKEN_LIFETIME, Metadata, Party, TenantId};

use super::{Secret, UserAccess};
use crate::domain::claims::check_claim_mappings;
use crate::domain::ports::Ring;
use crate::domain::{DisplayName, RegistryError, check_shown, token_size};

/// A client with its secrets.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) tenant: TenantId,
    pub(crate) id: ClientId,
    pub(crate) name: DisplayName,
    /// Fixed for life.
    pub(crate) party: Party,
    /// Fixed for life.
    pub(crate) client_type: ClientType,
    pub(crate) enabled: bool,
    pub(crate) metadata: Metadata,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) claim_mappings: Vec<ClaimMapping>,
    /// At most two that are alive, oldest first; a public client has none.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) user_access: UserAccess,
    /// Whether it registered itself: then no operator made it, and none chose its name. Fixed for life.
    pub(crate) registered_itself: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What is said of a client that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewClient {
    pub(crate) tenant: TenantId,
    pub(crate) name: DisplayName,
    pub(crate) party: Party,
    pub(crate) client_type: ClientType,
    pub(crate) metadata: Metadata,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) claim_mappings: Vec<ClaimMapping>,
    pub(crate) user_access: UserAccess,
    pub(crate) registered_itself: bool,
}

impl Client {
    /// A client as it is to be stored, enabled, with its first secret if it can keep one.
    pub(crate) fn new(
        new: NewClient,
        secret: Option<Secret>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<Self, RegistryError> {
        let NewClient {
            tenant,
            name,
            party,
            client_type,
            metadata,
            grant_types,
            claim_mappings,
            user_access,
            registered_itself,
        } = new;
        check_claims(&name, &metadata, &claim_mappings)?;
        let client = Self {
            tenant,
            id: ClientId::generate(party, randomness),
            name,
            party,
            client_type,
            enabled: true,
            metadata,
            grant_types,
            claim_mappings,
            secrets: secret.into_iter().collect(),
            user_access,
            registered_itself,
            created_at: now,
            updated_at: now,
        };
        client.check_kind()?;
        client.check_shown()?;
        Ok(client)
    }

    /// The ring that signs what it gets beside the tokens of APIs: ID tokens, and access tokens for no API. Third parties
    /// never get any.
    pub(crate) fn own_ring(&self) -> Option<Ring> {
        (self.party == Party::First && self.acts_for_users()).then(|| Ring {
            tenant: self.tenant.clone(),
            algorithm: self.user_access.id_token_algorithm,
            resource_server: None,
            lifetime: ID_TOKEN_LIFETIME,
        })
    }

    /// Whether users meet it.
    fn acts_for_users(&self) -> bool {
        let UserAccess { dangerously_allow_implicit, dangerously_allow_password, .. } = self.user_access;
        self.has(GrantType::AuthorizationCode) || dangerously_allow_implicit || dangerously_allow_password
    }

    /// Whether what it may do goes together with what it is.
    pub(super) fn check_kind(&self) -> Result<(), RegistryError> {
        self.user_access.check()?;
        let UserAccess { dangerously_allow_implicit, dangerously_allow_password, .. } = self.user_access;
        let (public, third) = (self.client_type == ClientType::Public, self.party == Party::Third);
        let nowhere = self.user_access.redirect_uris.is_empty();
        let rules = [
            (public && !self.secrets.is_empty(), "client_type", "a public client has no secret"),
            (public && self.has(GrantType::ClientCredentials), "grant_types", "a public client cannot ask for itself"),
            (public && dangerously_allow_password, PASSWORD, "a public client never sees passwords"),
            (third && dangerously_allow_password, PASSWORD, "a third party never sees passwords"),
            (third && dangerously_allow_implicit, IMPLICIT, "a third party never gets tokens by the browser's address"),
            (
                nowhere && self.has(GrantType::AuthorizationCode),
                "grant_types",
                "authorization_code needs a redirect URI",
            ),
            (nowhere && dangerously_allow_implicit, IMPLICIT, "it needs a redirect URI"),
            (
                self.has(GrantType::RefreshToken) && !self.has(GrantType::AuthorizationCode),
                "grant_types",
                "refresh_token stands beside authorization_code only",
            ),
        ];
        match rules.into_iter().find(|(broken, ..)| *broken) {
            Some((_, parameter, rule)) => Err(RegistryError::invalid(parameter, rule)),
            None => Ok(()),
        }
    }

    /// Whether users can tell by its name who it is, if they meet it.
    pub(super) fn check_shown(&self) -> Result<(), RegistryError> {
        if self.acts_for_users() { check_shown("name", &self.name.to_string()) } else { Ok(()) }
    }

    fn has(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }
}

/// One value for each claim, and as much as a token can carry.
pub(super) fn check_claims(
    name: &DisplayName,
    metadata: &Metadata,
    mappings: &[ClaimMapping],
) -> Result<(), RegistryError> {
    check_claim_mappings(mappings)?;
    token_size::check_client(&name.to_string(), metadata, mappings)
}

const IMPLICIT: &str = "user_access.dangerously_allow_implicit";
const PASSWORD: &str = "user_access.dangerously_allow_password";
