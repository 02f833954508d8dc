//! What a token is asked for with, and what comes back.

use std::fmt;
use std::net::IpAddr;

use mintage_jose::Algorithm;
use mintage_oauth::{Audience, ClientId, GrantType, ScopeSet, TenantId};
use zeroize::Zeroizing;

/// An access token request (RFC 6749 section 4.4.2), read but not yet believed.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Whose token.
    pub tenant: TenantId,
    /// The issuer to name; `None`: the tenant's first.
    pub issuer: Option<String>,
    /// Which grant.
    pub grant_type: GrantType,
    /// How the client proves who it is.
    pub credential: PresentedSecret,
    /// The API; `None`: the tenant's default.
    pub audience: Option<Audience>,
    /// The scopes asked for; `None`: all that are granted.
    pub scopes: Option<ScopeSet>,
    /// Where the request came from, if known.
    pub source: Option<IpAddr>,
}

/// A client id and a secret as they were presented (RFC 6749 section 2.3.1): any text at all.
#[derive(Clone)]
pub struct PresentedSecret {
    /// Whom the request claims to be from.
    pub client_id: String,
    /// The proof.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for PresentedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, secret: _ } = self;
        f.debug_struct("PresentedSecret").field("client_id", client_id).field("secret", &"[redacted]").finish()
    }
}

/// An access token with what the client should know of it (RFC 6749 section 5.1).
#[derive(Clone)]
pub struct IssuedToken {
    /// Whose it is.
    pub client_id: ClientId,
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// A compact JWS.
    pub access_token: String,
    /// How many seconds it lives.
    pub expires_in: u32,
    /// The scopes it carries.
    pub scopes: ScopeSet,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, algorithm, access_token: _, expires_in, scopes } = self;
        f.debug_struct("IssuedToken")
            .field("client_id", client_id)
            .field("algorithm", algorithm)
            .field("expires_in", expires_in)
            .field("scopes", scopes)
            .finish_non_exhaustive()
    }
}
