//! What tokens are asked for with, and what comes back.

use std::fmt;
use std::net::IpAddr;

use mintage_jose::Algorithm;
use mintage_oauth::{Audience, ClientId, GrantType, ScopeSet, TenantId};
use zeroize::Zeroizing;

/// An access token request (RFC 6749 section 3.2), read but not yet believed.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Whose token.
    pub tenant: TenantId,
    /// The issuer to name; `None`: the tenant's first.
    pub issuer: Option<String>,
    /// Which grant.
    pub grant: Grant,
    /// How the client proves who it is.
    pub credential: Credential,
    /// The API; `None`: the tenant's default, or the one that the user granted.
    pub audience: Option<Audience>,
    /// The scopes asked for; `None`: all that are granted.
    pub scopes: Option<ScopeSet>,
    /// Where the request came from, if known.
    pub source: Option<IpAddr>,
}

/// What a token is asked for by.
#[derive(Clone)]
pub enum Grant {
    /// The client itself (RFC 6749 section 4.4).
    ClientCredentials,
    /// A code that a user's browser brought (RFC 6749 section 4.1.3).
    AuthorizationCode(PresentedCode),
    /// What another token came with (RFC 6749 section 6).
    RefreshToken(Zeroizing<String>),
    /// A user's own password (RFC 6749 section 4.3).
    Password(PresentedPassword),
}

impl Grant {
    /// Its name.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::ClientCredentials => GrantType::ClientCredentials,
            Self::AuthorizationCode(_) => GrantType::AuthorizationCode,
            Self::RefreshToken(_) => GrantType::RefreshToken,
            Self::Password(_) => GrantType::Password,
        }
    }
}

/// A code with what must fit it: any text at all.
#[derive(Clone)]
pub struct PresentedCode {
    /// The code.
    pub code: Zeroizing<String>,
    /// The redirect URI of the authorization request; empty: it had none.
    pub redirect_uri: String,
    /// What the challenge was made of (RFC 7636 section 4.5); empty: there was none.
    pub code_verifier: Zeroizing<String>,
}

/// A user's name and password as they were presented: any text at all.
#[derive(Clone)]
pub struct PresentedPassword {
    /// Who the user says to be.
    pub username: String,
    /// The proof.
    pub password: Zeroizing<String>,
}

/// A client id, and a secret as it was presented (RFC 6749 section 2.3.1): any text at all.
#[derive(Clone)]
pub struct Credential {
    /// Whom the request claims to be from.
    pub client_id: String,
    /// The proof; `None`: there is none, as only a public client may say (RFC 6749 section 2.1).
    pub secret: Option<Zeroizing<String>>,
}

impl Credential {
    /// The secret that was presented.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.secret.as_ref().map(|secret| secret.as_str())
    }
}

/// What goes through the browser beside a code, asked for by a ticket of the consent service.
#[derive(Debug, Clone)]
pub struct FrontChannelRequest {
    /// Whose tokens.
    pub tenant: TenantId,
    /// The issuer to name; `None`: the tenant's first.
    pub issuer: Option<String>,
    /// The ticket.
    pub ticket: Ticket,
}

/// A ticket as it was presented: any text at all.
#[derive(Clone)]
pub struct Ticket(pub Zeroizing<String>);

/// A refresh token to end (RFC 7009 section 2.1).
#[derive(Clone)]
pub struct RevocationRequest {
    /// Whose token.
    pub tenant: TenantId,
    /// How the client proves who it is.
    pub credential: Credential,
    /// The token: any text at all.
    pub token: Zeroizing<String>,
    /// Where the request came from, if known.
    pub source: Option<IpAddr>,
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
    /// What the next one may be asked for by.
    pub refresh_token: Option<Zeroizing<String>>,
    /// Who the user is (OpenID Connect Core 1.0 section 2).
    pub id_token: Option<String>,
}

/// What goes beside a code, as far as it was asked for.
#[derive(Clone)]
pub struct FrontChannelTokens {
    /// The access token.
    pub access: Option<IssuedToken>,
    /// The ID token.
    pub id_token: Option<String>,
}

/// Shows what a type has beside its secrets.
macro_rules! redacted {
    ($($of:ident { $($shown:ident),* }),+ $(,)?) => {
        $(impl fmt::Debug for $of {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($of))$(.field(stringify!($shown), &self.$shown))*.finish_non_exhaustive()
            }
        })+
    };
}

redacted!(
    PresentedCode { redirect_uri },
    PresentedPassword {},
    Credential { client_id },
    Ticket {},
    RevocationRequest { tenant, credential, source },
    IssuedToken { client_id, algorithm, expires_in, scopes },
    FrontChannelTokens { access },
);

/// The kind, and nothing that is presented.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.grant_type())
    }
}
