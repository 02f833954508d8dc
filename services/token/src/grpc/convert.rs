//! From the wire to the domain and back.

use std::net::IpAddr;

use mintage_api::token::issue_token_request::{ClientAuthentication, Grant as WireGrant};
use mintage_api::token::revoke_token_request::ClientAuthentication as RevokerAuthentication;
use mintage_api::token::{
    AuthorizationCodeGrant, ClientCredentialsGrant, ClientSecretAuthentication, IssueFrontChannelRequest,
    IssueFrontChannelResponse, IssueTokenRequest, IssueTokenResponse, PasswordGrant, PublicClient, RefreshTokenGrant,
    RevokeTokenRequest,
};
use mintage_oauth::{Audience, AudienceError, Scope, ScopeError, ScopeSet, TenantId, TenantIdError};
use zeroize::Zeroizing;

use crate::domain::{
    Credential, FrontChannelRequest, FrontChannelTokens, Grant, IssuedToken, PresentedCode, PresentedPassword,
    RevocationRequest, Ticket, TokenRequest,
};

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
    let grant = read_grant(grant.ok_or(RequestError::Missing("grant"))?)?;
    let credential = match client_authentication.ok_or(RequestError::Missing("client_authentication"))? {
        ClientAuthentication::ClientSecret(secret) => with_secret(secret)?,
        ClientAuthentication::PublicClient(public) => without_secret(public)?,
    };
    Ok(TokenRequest {
        tenant: tenant(&tenant_id)?,
        issuer: (!issuer.is_empty()).then_some(issuer),
        grant,
        credential,
        audience: if audience.is_empty() { None } else { Some(audience.parse::<Audience>()?) },
        scopes: if scopes.is_empty() { None } else { Some(ScopeSet::parse_each(&scopes)?) },
        source,
    })
}

/// Reads a request for what goes through the browser.
pub(crate) fn front_channel_request(message: IssueFrontChannelRequest) -> Result<FrontChannelRequest, RequestError> {
    let IssueFrontChannelRequest { tenant_id, issuer, ticket } = message;
    Ok(FrontChannelRequest {
        tenant: tenant(&tenant_id)?,
        issuer: (!issuer.is_empty()).then_some(issuer),
        ticket: Ticket(given("ticket", ticket)?),
    })
}

/// Reads a request to end a token.
pub(crate) fn revocation_request(
    message: RevokeTokenRequest,
    source: Option<IpAddr>,
) -> Result<RevocationRequest, RequestError> {
    let RevokeTokenRequest { tenant_id, client_authentication, token } = message;
    let credential = match client_authentication.ok_or(RequestError::Missing("client_authentication"))? {
        RevokerAuthentication::ClientSecret(secret) => with_secret(secret)?,
        RevokerAuthentication::PublicClient(public) => without_secret(public)?,
    };
    Ok(RevocationRequest { tenant: tenant(&tenant_id)?, credential, token: given("token", token)?, source })
}

fn read_grant(message: WireGrant) -> Result<Grant, RequestError> {
    Ok(match message {
        WireGrant::ClientCredentials(ClientCredentialsGrant {}) => Grant::ClientCredentials,
        WireGrant::AuthorizationCode(AuthorizationCodeGrant { code, redirect_uri, code_verifier }) => {
            let (code, code_verifier) = (given("code", code)?, Zeroizing::new(code_verifier));
            Grant::AuthorizationCode(PresentedCode { code, redirect_uri, code_verifier })
        }
        WireGrant::RefreshToken(RefreshTokenGrant { refresh_token }) => {
            Grant::RefreshToken(given("refresh_token", refresh_token)?)
        }
        WireGrant::Password(PasswordGrant { username, password }) => {
            if username.is_empty() {
                return Err(RequestError::Missing("username"));
            }
            Grant::Password(PresentedPassword { username, password: given("password", password)? })
        }
    })
}

/// Any text but none: what it cannot be, the consent service refuses like what it is not.
fn given(parameter: &'static str, secret: String) -> Result<Zeroizing<String>, RequestError> {
    if secret.is_empty() { Err(RequestError::Missing(parameter)) } else { Ok(Zeroizing::new(secret)) }
}

fn tenant(text: &str) -> Result<TenantId, TenantIdError> {
    if text.is_empty() { Ok(TenantId::default_tenant()) } else { text.parse() }
}

/// The id and the secret may be any text: what they cannot be, the gate refuses like what they are not.
fn with_secret(message: ClientSecretAuthentication) -> Result<Credential, RequestError> {
    let ClientSecretAuthentication { client_id, client_secret } = message;
    Ok(Credential { client_id: named(client_id)?, secret: Some(Zeroizing::new(client_secret)) })
}

fn without_secret(message: PublicClient) -> Result<Credential, RequestError> {
    let PublicClient { client_id } = message;
    Ok(Credential { client_id: named(client_id)?, secret: None })
}

fn named(client_id: String) -> Result<String, RequestError> {
    if client_id.is_empty() { Err(RequestError::Missing("client_id")) } else { Ok(client_id) }
}

/// Writes an answer.
pub(crate) fn response(issued: IssuedToken) -> IssueTokenResponse {
    let IssuedToken { client_id: _, algorithm: _, access_token, expires_in, scopes, refresh_token, id_token } = issued;
    IssueTokenResponse {
        access_token,
        token_type: BEARER.to_owned(),
        expires_in,
        scopes: wire_scopes(&scopes),
        refresh_token: refresh_token.map(|mut token| std::mem::take(&mut *token)).unwrap_or_default(),
        id_token: id_token.unwrap_or_default(),
    }
}

/// Writes an answer that goes through the browser.
pub(crate) fn front_channel_response(tokens: FrontChannelTokens) -> IssueFrontChannelResponse {
    let FrontChannelTokens { access, id_token } = tokens;
    let id_token = id_token.unwrap_or_default();
    let Some(IssuedToken { access_token, expires_in, scopes, .. }) = access else {
        return IssueFrontChannelResponse { id_token, ..IssueFrontChannelResponse::default() };
    };
    let (token_type, scopes) = (BEARER.to_owned(), wire_scopes(&scopes));
    IssueFrontChannelResponse { access_token, token_type, expires_in, scopes, id_token }
}

fn wire_scopes(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(Scope::to_string).collect()
}

const BEARER: &str = "Bearer";
