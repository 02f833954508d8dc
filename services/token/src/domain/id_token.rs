//! ID tokens: who the user is, for the client alone (OpenID Connect Core 1.0 section 2).

use mintage_jose::{Algorithm, digest};
use mintage_oauth::{ScopeSet, openid};
use serde::Serialize;

use super::ports::PortError;
use super::{Authorization, IssueError};

/// What one ID token is made of.
#[derive(Debug)]
pub(super) struct IdToken<'a> {
    pub(super) issuer: &'a str,
    /// Whom it is for.
    pub(super) client_id: &'a str,
    pub(super) authorization: &'a Authorization,
    /// Those of the grant that still hold.
    pub(super) scopes: &'a ScopeSet,
    /// What signs it.
    pub(super) algorithm: Algorithm,
    /// Seconds since the epoch.
    pub(super) issued_at: i64,
    /// Seconds since the epoch.
    pub(super) expires_at: i64,
    /// What goes beside it.
    pub(super) access_token: Option<&'a str>,
    /// What goes beside it.
    pub(super) code: Option<&'a str>,
}

/// Its claims as JSON.
pub(super) fn payload(token: &IdToken<'_>) -> Result<Vec<u8>, IssueError> {
    let IdToken { authorization, scopes, algorithm, .. } = token;
    let Authorization { user_id, nonce, auth_time, session_id, claims, .. } = authorization;
    // What a scope tells is told by its scope alone, whatever the consent service knew.
    let profile = scopes.contains(openid::PROFILE).then_some(claims);
    let email = scopes.contains(openid::EMAIL).then_some(claims);
    let hash = |text| digest::left_half(*algorithm, text);
    let claims = Claims {
        iss: token.issuer,
        sub: user_id.as_str(),
        aud: token.client_id,
        iat: token.issued_at,
        exp: token.expires_at,
        auth_time: auth_time.map(mintage_clock::Timestamp::unix_seconds),
        nonce: nonce.as_deref(),
        at_hash: token.access_token.map(hash),
        c_hash: token.code.map(hash),
        sid: session_id.as_deref(),
        name: profile.and_then(|claims| claims.name.as_deref()),
        updated_at: profile.and_then(|claims| claims.updated_at).map(mintage_clock::Timestamp::unix_seconds),
        email: email.and_then(|claims| claims.email.as_deref()),
        email_verified: email.and_then(|claims| claims.email_verified),
    };
    serde_json::to_vec(&claims).map_err(|_| PortError::Broken.into())
}

/// In the order in which they stand.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}
