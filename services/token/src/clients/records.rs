//! Records of the registry as the domain knows them.

use mintage_api::registry::{self as wire, ClientGrantRecord, ClientRecord, SecretRecord};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::wire::{read_algorithm as read_wire_algorithm, read_time};
use mintage_jose::Algorithm;
use mintage_oauth::{
    Audience, AudienceError, ClaimMapping, ClientId, ClientIdError, ClientType, GrantType, Issuer, Metadata,
    MetadataError, Origin, OriginError, Party, Scope, ScopeError, ScopeSet, SecretHash, TenantId, TenantIdError,
    TokenLifetime, TokenProfile,
};

use crate::domain::records::{Client, ClientGrant, ResourceServer, StoredSecret, Tenant, UserAccess};

/// Why a record of the registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    #[error("the registry's tenant id is malformed")]
    Tenant(#[from] TenantIdError),
    #[error("the registry's client id is malformed")]
    Client(#[from] ClientIdError),
    #[error("the registry's audience is malformed")]
    Audience(#[from] AudienceError),
    #[error("the registry's origin is malformed")]
    Origin(#[from] OriginError),
    #[error("the registry's client metadata break a rule")]
    Metadata(#[from] MetadataError),
    #[error("the registry's scope is malformed")]
    Scope(#[from] ScopeError),
    #[error("the registry's {0} has no value this version knows")]
    Unknown(&'static str),
}

pub(super) fn tenant(record: wire::Tenant) -> Result<Tenant, RecordError> {
    let wire::Tenant { id, origins, default_audience, .. } = record;
    let issuer = |origin: &String| origin.parse().map(|origin: Origin| origin.issuer());
    let issuers: Vec<Issuer> = origins.iter().map(issuer).collect::<Result<_, _>>()?;
    let default_audience = if default_audience.is_empty() { None } else { Some(default_audience.parse()?) };
    Ok(Tenant::new(id.parse::<TenantId>()?, &issuers, default_audience))
}

pub(super) fn client(record: ClientRecord) -> Result<Client, RecordError> {
    let ClientRecord {
        client_id,
        name,
        party,
        enabled,
        metadata,
        grant_types,
        claim_mappings,
        secrets,
        client_type,
        user_access,
    } = record;
    Ok(Client {
        id: client_id.parse::<ClientId>()?,
        name,
        party: read_party(party)?,
        client_type: read_client_type(client_type)?,
        enabled,
        metadata: Metadata::from_pairs(metadata)?,
        // What this version does not serve, it does not allow.
        grant_types: grant_types.iter().filter_map(|name| name.parse::<GrantType>().ok()).collect(),
        claim_mappings: mappings(&claim_mappings),
        secrets: secrets.into_iter().filter_map(secret).collect(),
        user_access: user_access.as_ref().map(read_user_access).transpose()?.unwrap_or_default(),
    })
}

pub(super) fn resource_server(record: wire::ResourceServer) -> Result<ResourceServer, RecordError> {
    let wire::ResourceServer {
        tenant_id,
        id,
        identifier,
        name: _,
        scopes,
        signing_algorithm,
        token_profile,
        token_lifetime,
        claim_mappings,
        is_system,
        created_at: _,
        updated_at: _,
        consent,
    } = record;
    let seconds = token_lifetime.and_then(|lifetime| u64::try_from(lifetime.seconds).ok());
    let lifetime = seconds.and_then(|seconds| TokenLifetime::from_seconds(seconds).ok());
    Ok(ResourceServer {
        tenant: tenant_id.parse::<TenantId>()?,
        id: id.into(),
        audience: identifier.parse::<Audience>()?,
        scopes: read_scopes(scopes.iter().map(|scope| &scope.value))?,
        algorithm: read_algorithm(signing_algorithm)?,
        profile: read_profile(token_profile)?,
        lifetime: lifetime.ok_or(RecordError::Unknown("token lifetime"))?,
        claim_mappings: mappings(&claim_mappings),
        is_system,
        users_may_let_third_parties_in: consent
            .is_some_and(|consent| consent.third_parties() == wire::ThirdParties::Allowed),
    })
}

pub(super) fn client_grant(record: ClientGrantRecord) -> Result<ClientGrant, RecordError> {
    let ClientGrantRecord { id: _, scopes } = record;
    Ok(ClientGrant::new(read_scopes(&scopes)?))
}

fn read_scopes<'a>(scopes: impl IntoIterator<Item = &'a String>) -> Result<ScopeSet, ScopeError> {
    scopes.into_iter().map(|scope| scope.parse::<Scope>()).collect()
}

/// A secret that this version cannot check opens nothing.
fn secret(record: SecretRecord) -> Option<StoredSecret> {
    let SecretRecord { id, scheme, hash, not_after } = record;
    match SecretHash::from_stored(scheme, &hash) {
        Ok(hash) => Some(StoredSecret { id: id.into(), hash, not_after: not_after.map(read_time) }),
        Err(error) => {
            tracing::error!(secret_id = id, %error, "a client secret cannot be checked by this version");
            None
        }
    }
}

/// A mapping to a name that tokens must not carry is dropped: the registry refuses it already.
fn mappings(records: &[wire::ClaimMapping]) -> Vec<ClaimMapping> {
    let mapping = |record: &wire::ClaimMapping| {
        Some(ClaimMapping { source: record.source.parse().ok()?, claim: record.claim.parse().ok()? })
    };
    records.iter().filter_map(mapping).collect()
}

fn read_party(party: i32) -> Result<Party, RecordError> {
    match wire::Party::try_from(party) {
        Ok(wire::Party::First) => Ok(Party::First),
        Ok(wire::Party::Third) => Ok(Party::Third),
        Ok(wire::Party::Unspecified) | Err(_) => Err(RecordError::Unknown("party")),
    }
}

fn read_profile(profile: i32) -> Result<TokenProfile, RecordError> {
    match wire::TokenProfile::try_from(profile) {
        Ok(wire::TokenProfile::AccessToken) => Ok(TokenProfile::AccessToken),
        Ok(wire::TokenProfile::Rfc9068) => Ok(TokenProfile::Rfc9068),
        Ok(wire::TokenProfile::Unspecified) | Err(_) => Err(RecordError::Unknown("token profile")),
    }
}

/// A replica of the registry that tells none knows of none without a secret.
fn read_client_type(client_type: i32) -> Result<ClientType, RecordError> {
    match wire::ClientType::try_from(client_type) {
        Ok(wire::ClientType::Unspecified | wire::ClientType::Confidential) => Ok(ClientType::Confidential),
        Ok(wire::ClientType::Public) => Ok(ClientType::Public),
        Err(_) => Err(RecordError::Unknown("client type")),
    }
}

/// What tokens have to do with; the rest is for those who ask users.
fn read_user_access(record: &wire::UserAccess) -> Result<UserAccess, RecordError> {
    let id_token_algorithm = match record.id_token_algorithm() {
        SigningAlgorithm::Unspecified | SigningAlgorithm::Rs256 => Algorithm::Rs256,
        SigningAlgorithm::Es256 => Algorithm::Es256,
        _ => return Err(RecordError::Unknown("ID token algorithm")),
    };
    Ok(UserAccess {
        id_token_algorithm,
        dangerously_allow_implicit: record.dangerously_allow_implicit,
        dangerously_allow_password: record.dangerously_allow_password,
    })
}

fn read_algorithm(algorithm: i32) -> Result<Algorithm, RecordError> {
    let known = SigningAlgorithm::try_from(algorithm).ok().and_then(read_wire_algorithm);
    known.ok_or(RecordError::Unknown("signing algorithm"))
}
