//! The facts of the registry, as far as issuing tokens needs them. Immutable: a change makes a new record.

use std::sync::{Arc, Mutex, PoisonError};

use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_oauth::{
    Audience, ClaimMapping, ClientId, ClientType, GrantType, Issuer, Metadata, Party, ScopeSet, SecretHash, TenantId,
    TokenLifetime, TokenProfile,
};

use super::claims::json_string;
use super::ports::KeyRing;
use super::{Entitlement, IssueError};

/// A tenant: one issuer under one or more names.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What to ask for where a request names nothing.
    pub default_audience: Option<Audience>,
    issuers: Vec<IssuerName>,
}

/// An issuer identifier, as text and as JSON.
#[derive(Debug)]
pub struct IssuerName {
    text: String,
    json: String,
}

impl Tenant {
    /// A tenant that issues under `issuers`, the first of which is its main one.
    #[must_use]
    pub fn new(id: TenantId, issuers: &[Issuer], default_audience: Option<Audience>) -> Self {
        let name = |issuer: &Issuer| IssuerName { text: issuer.to_string(), json: json_string(issuer.as_str()) };
        Self { id, default_audience, issuers: issuers.iter().map(name).collect() }
    }

    /// The issuer to name in a token: the one asked for if it is the tenant's, else the first.
    pub fn issuer(&self, asked: Option<&str>) -> Result<&IssuerName, IssueError> {
        let found = match asked {
            Some(asked) => self.issuers.iter().find(|issuer| issuer.text == asked),
            None => self.issuers.first(),
        };
        found.ok_or(IssueError::IssuerUnknown)
    }

    /// How many bytes its names take.
    #[must_use]
    pub fn name_bytes(&self) -> usize {
        self.issuers.iter().map(|issuer| issuer.text.len() + issuer.json.len()).sum()
    }
}

impl IssuerName {
    /// As it is, a slash behind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a JSON string, with its quotes.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Where the issuer's userinfo endpoint is (OpenID Connect Core 1.0 section 5.3).
    #[must_use]
    pub fn userinfo(&self) -> String {
        format!("{}userinfo", self.text)
    }
}

/// A client, with all it takes to believe it.
#[derive(Debug)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name, for people and claims.
    pub name: String,
    /// Whose it is.
    pub party: Party,
    /// Whether it has a secret.
    pub client_type: ClientType,
    /// A disabled client gets nothing.
    pub enabled: bool,
    /// What the operator wrote about it.
    pub metadata: Metadata,
    /// The grants it may use.
    pub grant_types: Vec<GrantType>,
    /// Which of its metadata become claims of all its tokens.
    pub claim_mappings: Vec<ClaimMapping>,
    /// Its secrets, dead ones too.
    pub secrets: Vec<StoredSecret>,
    /// How it acts for users.
    pub user_access: UserAccess,
}

/// How a client acts for users, as far as its tokens are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// What signs its ID tokens: RS256 or ES256.
    pub id_token_algorithm: Algorithm,
    /// Whether tokens may go through the address of the browser (RFC 9700 section 2.1.2 forbids it).
    pub dangerously_allow_implicit: bool,
    /// Whether it may see users' passwords (RFC 9700 section 2.4 forbids it).
    pub dangerously_allow_password: bool,
}

impl Client {
    /// Whether it may use the grant. What the registry should never have let in is refused here too: third parties never
    /// see a password nor tokens in an address, and who cannot keep a secret is nobody by itself.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        let is_own = self.party == Party::First;
        let is_confidential = self.client_type == ClientType::Confidential;
        match grant {
            GrantType::ClientCredentials => is_confidential && self.grant_types.contains(&grant),
            GrantType::AuthorizationCode | GrantType::RefreshToken => self.grant_types.contains(&grant),
            GrantType::Password => is_own && is_confidential && self.user_access.dangerously_allow_password,
            GrantType::Implicit => is_own && self.user_access.dangerously_allow_implicit,
        }
    }

    /// Refuses a grant that it may not use.
    pub(crate) fn expect_may_use(&self, grant_type: GrantType) -> Result<(), IssueError> {
        if self.may_use(grant_type) { Ok(()) } else { Err(IssueError::GrantTypeNotAllowed { grant_type }) }
    }
}

impl Default for UserAccess {
    fn default() -> Self {
        Self {
            id_token_algorithm: Algorithm::Rs256,
            dangerously_allow_implicit: false,
            dangerously_allow_password: false,
        }
    }
}

/// A secret as it is stored.
#[derive(Debug)]
pub struct StoredSecret {
    /// Its id.
    pub id: Arc<str>,
    /// The keyed hash of it.
    pub hash: SecretHash,
    /// When it ends, if ever.
    pub not_after: Option<Timestamp>,
}

impl StoredSecret {
    /// Whether it has not ended.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.not_after.is_none_or(|end| now < end)
    }
}

/// An API.
#[derive(Debug)]
pub struct ResourceServer {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: Arc<str>,
    /// Its identifier.
    pub audience: Audience,
    /// The scopes it defines.
    pub scopes: ScopeSet,
    /// What signs its tokens.
    pub algorithm: Algorithm,
    /// What its tokens look like.
    pub profile: TokenProfile,
    /// How long its tokens live.
    pub lifetime: TokenLifetime,
    /// Which client metadata become claims of its tokens.
    pub claim_mappings: Vec<ClaimMapping>,
    /// Whether it is the Management API.
    pub is_system: bool,
    /// Whether users may let third parties in.
    pub users_may_let_third_parties_in: bool,
}

impl ResourceServer {
    /// Third parties never share a secret with an API, and never manage the suite.
    #[must_use]
    pub fn refuses_third_parties(&self) -> bool {
        self.is_system || self.algorithm == Algorithm::Hs256
    }

    /// Whether a user may let clients of `party` in. The Management API is for machines alone: whoever holds a token for it
    /// rules over the suite, and a user is no operator.
    #[must_use]
    pub fn is_open_to_users_of(&self, party: Party) -> bool {
        match party {
            Party::First => !self.is_system,
            Party::Third => self.users_may_let_third_parties_in && !self.refuses_third_parties(),
        }
    }

    /// The keys that sign its tokens.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        KeyRing {
            tenant: self.tenant.clone(),
            algorithm: self.algorithm,
            resource_server: (self.algorithm == Algorithm::Hs256).then(|| Arc::clone(&self.id)),
        }
    }
}

/// A client's grant for an API.
#[derive(Debug)]
pub struct ClientGrant {
    scopes: ScopeSet,
    prepared: Mutex<Option<Arc<Entitlement>>>,
}

impl ClientGrant {
    /// A grant of `scopes`.
    #[must_use]
    pub const fn new(scopes: ScopeSet) -> Self {
        Self { scopes, prepared: Mutex::new(None) }
    }

    /// What is granted.
    #[must_use]
    pub const fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// What the grant gives `client` at `api`. Kept until one of the three is another record, so that it dies with
    /// its parts.
    #[must_use]
    pub fn entitlement(&self, client: &Arc<Client>, api: &Arc<ResourceServer>) -> Arc<Entitlement> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        match prepared.as_ref().filter(|kept| kept.rests_on(client, api)) {
            Some(kept) => Arc::clone(kept),
            None => Arc::clone(prepared.insert(Arc::new(Entitlement::prepare(client, api, &self.scopes)))),
        }
    }
}
