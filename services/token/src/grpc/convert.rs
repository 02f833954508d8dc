//! From the wire to the domain and back.

use std::net::IpAddr;

use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, IssueTokenResponse};
use mintage_oauth::{Audience, AudienceError, GrantType, Scope, ScopeError, ScopeSet, TenantId, TenantIdError};
use zeroize::Zeroizing;

use crate::domain::{IssuedToken, PresentedSecret, TokenRequest};

/// Why a request cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    /// A required parameter is absent.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// Not a tenant id.
    #[error(transparent)]
    Tenant(#[from] TenantIdError),
    /// Not an API identifier.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// Not scopes, or one of them twice.
    #[error(transparent)]
    Scope(#[from] ScopeError),
}

/// Reads a request.
pub(crate) fn token_request(message: IssueTokenRequest, source: Option<IpAddr>) -> Result<TokenRequest, RequestError> {
    let IssueTokenRequest { tenant_id, issuer, grant, client_authentication, audience, scopes } = message;
    let Grant::ClientCredentials(ClientCredentialsGrant {}) = grant.ok_or(RequestError::Missing("grant"))?;
    let ClientAuthentication::ClientSecret(secret) =
        client_authentication.ok_or(RequestError::Missing("client_authentication"))?;
    Ok(TokenRequest {
        tenant: tenant(&tenant_id)?,
        issuer: (!issuer.is_empty()).then_some(issuer),
        grant_type: GrantType::ClientCredentials,
        credential: credential(secret)?,
        audience: if audience.is_empty() { None } else { Some(audience.parse::<Audience>()?) },
        scopes: if scopes.is_empty() { None } else { Some(ScopeSet::parse_each(&scopes)?) },
        source,
    })
}

fn tenant(text: &str) -> Result<TenantId, TenantIdError> {
    if text.is_empty() { Ok(TenantId::default_tenant()) } else { text.parse() }
}

/// The id and the secret may be any text: what they cannot be, the gate refuses like what they are not.
fn credential(message: ClientSecretAuthentication) -> Result<PresentedSecret, RequestError> {
    let ClientSecretAuthentication { client_id, client_secret } = message;
    if client_id.is_empty() {
        return Err(RequestError::Missing("client_id"));
    }
    Ok(PresentedSecret { client_id, secret: Zeroizing::new(client_secret) })
}

/// Writes an answer.
pub(crate) fn response(issued: IssuedToken) -> IssueTokenResponse {
    let IssuedToken { client_id: _, algorithm: _, access_token, expires_in, scopes } = issued;
    let scopes = scopes.iter().map(Scope::to_string).collect();
    IssueTokenResponse { access_token, token_type: "Bearer".to_owned(), expires_in, scopes }
}
