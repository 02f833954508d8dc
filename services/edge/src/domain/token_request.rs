//! A token request, read whole: what is in hand here can be asked for.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use mintage_oauth::{Audience, GrantType, Pepper, ScopeError, ScopeSet};

use super::{Authorization, ClientProof, Parameters, Refusal};

/// A request for an access token (RFC 6749 section 3.2).
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// By what.
    pub grant: Grant<'a>,
    /// Who asks.
    pub client: ClientProof<'a>,
    /// The API; absent: the tenant's default, or the one that the user granted, which is the only one to name then.
    pub audience: Option<Cow<'a, str>>,
    /// Empty: all that are granted.
    pub scopes: ScopeSet,
}

/// What a token is asked for by.
#[derive(Clone, PartialEq, Eq)]
pub enum Grant<'a> {
    /// The client itself (RFC 6749 section 4.4.2).
    ClientCredentials,
    /// A code that a user's browser brought (RFC 6749 section 4.1.3).
    AuthorizationCode {
        /// The code.
        code: Cow<'a, str>,
        /// The redirect URI of the authorization request, where it had one.
        redirect_uri: Option<Cow<'a, str>>,
        /// What its challenge was made of (RFC 7636 section 4.5).
        code_verifier: Option<Cow<'a, str>>,
    },
    /// What another token came with (RFC 6749 section 6).
    RefreshToken {
        /// The token.
        refresh_token: Cow<'a, str>,
    },
    /// A user's own password (RFC 6749 section 4.3.2).
    Password {
        /// Who the user says to be.
        username: Cow<'a, str>,
        /// The proof.
        password: Cow<'a, str>,
    },
}

impl<'a> TokenRequest<'a> {
    /// Makes a request of what came in.
    ///
    /// # Errors
    /// When it is not one: the grant type first, then the client, what the grant takes, the audience and the scope.
    pub fn read(mut parameters: Parameters<'a>, authorization: Authorization<'a>) -> Result<Self, Refusal> {
        let grant_type = supported_grant(parameters.grant_type.as_deref())?;
        let client = ClientProof::read(&mut parameters, authorization)?;
        // Who has no secret is a client for its users alone.
        if grant_type == GrantType::ClientCredentials && client.secret.is_none() {
            return Err(Refusal::ClientAuthenticationFailed);
        }
        let grant = Grant::read(grant_type, &mut parameters)?;
        let audience = one_audience(parameters.audience, parameters.resource)?;
        // A code has its own scopes, and a parameter that its request does not have is passed over (RFC 6749 section 3.2).
        let scope = parameters.scope.filter(|_| grant_type != GrantType::AuthorizationCode);
        Ok(Self { grant, client, audience, scopes: scopes(scope.as_deref())? })
    }
}

impl TokenRequest<'_> {
    /// Whether it is a public client's, by what its user's browser brought it: everything that it takes stands in it, and is
    /// no secret that a person could guess.
    #[must_use]
    pub const fn is_of_a_public_client(&self) -> bool {
        let brought = matches!(self.grant, Grant::AuthorizationCode { .. } | Grant::RefreshToken { .. });
        brought && self.client.secret.is_none()
    }
}

impl<'a> Grant<'a> {
    fn read(grant_type: GrantType, parameters: &mut Parameters<'a>) -> Result<Self, Refusal> {
        match grant_type {
            GrantType::ClientCredentials => Ok(Self::ClientCredentials),
            GrantType::AuthorizationCode => Ok(Self::AuthorizationCode {
                code: required("code", parameters.code.take())?,
                redirect_uri: optional("redirect_uri", parameters.redirect_uri.take(), MAX_REDIRECT_URI_BYTES)?,
                code_verifier: optional("code_verifier", parameters.code_verifier.take(), MAX_CREDENTIAL_BYTES)?,
            }),
            GrantType::RefreshToken => {
                Ok(Self::RefreshToken { refresh_token: required("refresh_token", parameters.refresh_token.take())? })
            }
            GrantType::Password => Ok(Self::Password {
                username: required("username", parameters.username.take())?,
                password: required("password", parameters.password.take())?,
            }),
            GrantType::Implicit => Err(Refusal::GrantTypeUnsupported),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::ClientCredentials => GrantType::ClientCredentials,
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::Password { .. } => GrantType::Password,
        }
    }
}

/// An access token response (RFC 6749 section 5.1).
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub access_token: String,
    /// What it is to be used as: `Bearer`.
    pub token_type: String,
    /// How long it lives.
    pub expires_in: Duration,
    /// What it allows, a space between two; may be empty.
    pub scope: String,
    /// What the next one may be asked for by; empty: nothing.
    pub refresh_token: String,
    /// Who the user is (OpenID Connect Core 1.0 section 3.1.3.3); empty: not told.
    pub id_token: String,
}

/// The endpoint never gives tokens by a name alone (RFC 6749 section 4.2).
fn supported_grant(grant_type: Option<&str>) -> Result<GrantType, Refusal> {
    let asked = grant_type.ok_or(Refusal::ParameterMissing { parameter: "grant_type".into() })?;
    match asked.parse() {
        Ok(GrantType::Implicit) | Err(_) => Err(Refusal::GrantTypeUnsupported),
        Ok(grant_type) => Ok(grant_type),
    }
}

/// A parameter that opens something.
pub(super) fn required<'a>(parameter: &'static str, value: Option<Cow<'a, str>>) -> Result<Cow<'a, str>, Refusal> {
    let value = value.ok_or(Refusal::ParameterMissing { parameter: parameter.into() })?;
    within(parameter, value, MAX_CREDENTIAL_BYTES)
}

fn optional<'a>(
    parameter: &'static str,
    value: Option<Cow<'a, str>>,
    max_bytes: usize,
) -> Result<Option<Cow<'a, str>>, Refusal> {
    value.map(|value| within(parameter, value, max_bytes)).transpose()
}

/// `audience` (Auth0) and `resource` (RFC 8707) mean the same.
fn one_audience<'a>(
    audience: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
) -> Result<Option<Cow<'a, str>>, Refusal> {
    let audience = optional("audience", audience, Audience::MAX_LENGTH)?;
    match (audience, optional("resource", resource, Audience::MAX_LENGTH)?) {
        (Some(audience), Some(resource)) if audience != resource => Err(Refusal::AudienceAmbiguous),
        (audience, resource) => Ok(audience.or(resource)),
    }
}

fn scopes(scope: Option<&str>) -> Result<ScopeSet, Refusal> {
    let Some(scope) = scope else { return Ok(ScopeSet::default()) };
    ScopeSet::parse_delimited(within("scope", scope, MAX_SCOPE_BYTES)?).map_err(|error| match error {
        ScopeError::TooLong | ScopeError::TooMany => {
            Refusal::ParameterInvalid { parameter: "scope".into(), rule: error.to_string().into() }
        }
        ScopeError::Empty | ScopeError::Character | ScopeError::Duplicate => Refusal::ScopeMalformed,
    })
}

/// What is longer than anything it could name is refused before anyone is asked, whatever it says.
pub(super) fn within<T: AsRef<str>>(parameter: &'static str, value: T, max_bytes: usize) -> Result<T, Refusal> {
    if value.as_ref().len() > max_bytes {
        let rule = format!("it is longer than {max_bytes} bytes").into();
        return Err(Refusal::ParameterInvalid { parameter: parameter.into(), rule });
    }
    Ok(value)
}

/// No more of a secret is ever looked at, and no client has a name that long. Told, since it is true of the request
/// alone: whoever pasted a file for a secret sees it at once, and whether there is such a client is not touched.
pub(super) const MAX_CREDENTIAL_BYTES: usize = Pepper::MAX_PRESENTED;

/// What the registry lets a grant hold, since a token has room for no more: a longer list asks for scopes that nobody has.
const MAX_SCOPE_BYTES: usize = 4096;

/// No registered one is longer, nor any that stands for it.
const MAX_REDIRECT_URI_BYTES: usize = 2048;

/// The kind, and nothing that is presented.
impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.grant_type())
    }
}

impl fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grant, client, audience, scopes } = self;
        f.debug_struct("TokenRequest")
            .field("grant", grant)
            .field("client", client)
            .field("audience", audience)
            .field("scopes", scopes)
            .finish()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token_type, expires_in, scope, .. } = self;
        f.debug_struct("IssuedToken")
            .field("token_type", token_type)
            .field("expires_in", expires_in)
            .field("scope", scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
