//! A token request, read whole: what is in hand here can be asked for.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use mintage_oauth::{Audience, GrantType, Pepper, ScopeError, ScopeSet};

use super::{Parameters, Refusal};

/// What the `Authorization` header said.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// There was none.
    #[default]
    Absent,
    /// A name and a secret (RFC 6749 section 2.3.1).
    Basic {
        /// The client.
        client_id: Cow<'a, str>,
        /// Its secret.
        client_secret: Cow<'a, str>,
    },
    /// Another scheme, or a Basic one that cannot be read.
    Unreadable,
}

/// A request for an access token by the client credentials grant (RFC 6749 section 4.4.2).
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// The client.
    pub client_id: Cow<'a, str>,
    /// What it proves itself by.
    pub client_secret: Cow<'a, str>,
    /// The API; absent: the tenant's default.
    pub audience: Option<Cow<'a, str>>,
    /// Empty: every scope of the client grant.
    pub scopes: ScopeSet,
}

impl<'a> TokenRequest<'a> {
    /// Makes a request of what came in.
    ///
    /// # Errors
    /// When it is not one: the grant type first, then the client, the audience and the scope.
    pub fn read(parameters: Parameters<'a>, authorization: Authorization<'a>) -> Result<Self, Refusal> {
        expect_supported_grant(parameters.grant_type.as_deref())?;
        let way = ClientAuthentication::of(&parameters, &authorization)?;
        let (client_id, client_secret) = match (way, authorization) {
            (ClientAuthentication::Basic, Authorization::Basic { client_id, client_secret }) => {
                (Some(client_id), Some(client_secret))
            }
            _ => (parameters.client_id, parameters.client_secret),
        };
        Ok(Self {
            client_id: within("client_id", client_id.ok_or(Refusal::ClientUnnamed)?, MAX_CREDENTIAL_BYTES)?,
            client_secret: within(
                "client_secret",
                client_secret.ok_or(Refusal::ClientAuthenticationFailed)?,
                MAX_CREDENTIAL_BYTES,
            )?,
            audience: one_audience(parameters.audience, parameters.resource)?,
            scopes: scopes(parameters.scope.as_deref())?,
        })
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
}

/// The one way in which the client proves itself.
enum ClientAuthentication {
    Basic,
    Post,
}

impl ClientAuthentication {
    fn of(parameters: &Parameters<'_>, authorization: &Authorization<'_>) -> Result<Self, Refusal> {
        let asserted = parameters.client_assertion.is_some() || parameters.client_assertion_type.is_some();
        let in_header = *authorization != Authorization::Absent;
        let ways = [asserted, in_header, parameters.client_secret.is_some()];
        if ways.into_iter().filter(|used| *used).count() > 1 {
            return Err(Refusal::ClientAuthenticationAmbiguous);
        }
        match authorization {
            Authorization::Basic { client_id, .. } => match &parameters.client_id {
                Some(other) if other != client_id => Err(Refusal::ClientAuthenticationAmbiguous),
                _ => Ok(Self::Basic),
            },
            Authorization::Unreadable => Err(Refusal::ClientAuthenticationFailed),
            Authorization::Absent if asserted => Err(Refusal::ClientAuthenticationFailed),
            Authorization::Absent => Ok(Self::Post),
        }
    }
}

fn expect_supported_grant(grant_type: Option<&str>) -> Result<(), Refusal> {
    let asked = grant_type.ok_or(Refusal::ParameterMissing { parameter: "grant_type".into() })?;
    match asked.parse() {
        Ok(GrantType::ClientCredentials) => Ok(()),
        Err(_) => Err(Refusal::GrantTypeUnsupported),
    }
}

/// `audience` (Auth0) and `resource` (RFC 8707) mean the same.
fn one_audience<'a>(
    audience: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
) -> Result<Option<Cow<'a, str>>, Refusal> {
    let named = |name, api: Option<Cow<'a, str>>| api.map(|api| within(name, api, Audience::MAX_LENGTH)).transpose();
    match (named("audience", audience)?, named("resource", resource)?) {
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
fn within<T: AsRef<str>>(parameter: &'static str, value: T, max_bytes: usize) -> Result<T, Refusal> {
    if value.as_ref().len() > max_bytes {
        let rule = format!("it is longer than {max_bytes} bytes").into();
        return Err(Refusal::ParameterInvalid { parameter: parameter.into(), rule });
    }
    Ok(value)
}

/// No more of a secret is ever looked at, and no client has a name that long. Told, since it is true of the request
/// alone: whoever pasted a file for a secret sees it at once, and whether there is such a client is not touched.
const MAX_CREDENTIAL_BYTES: usize = Pepper::MAX_PRESENTED;

/// What the registry lets a grant hold, since a token has room for no more: a longer list asks for scopes that nobody has.
const MAX_SCOPE_BYTES: usize = 4096;

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Basic { client_id, .. } => write!(f, "Basic({client_id:?}, [redacted])"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, client_secret: _, audience, scopes } = self;
        f.debug_struct("TokenRequest")
            .field("client_id", client_id)
            .field("client_secret", &"[redacted]")
            .field("audience", audience)
            .field("scopes", scopes)
            .finish()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_token: _, token_type, expires_in, scope } = self;
        f.debug_struct("IssuedToken")
            .field("access_token", &"[redacted]")
            .field("token_type", token_type)
            .field("expires_in", expires_in)
            .field("scope", scope)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    const POST: &[(&str, &str)] =
        &[("grant_type", "client_credentials"), ("client_id", "alpha"), ("client_secret", "s3cret")];

    fn read(
        pairs: &[&[(&'static str, &'static str)]],
        authorization: Authorization<'static>,
    ) -> Result<TokenRequest<'static>, Refusal> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs.iter().copied().flatten() {
            parameters.add((*name).into(), Value::Text((*value).into()))?;
        }
        TokenRequest::read(parameters, authorization)
    }

    fn basic() -> Authorization<'static> {
        Authorization::Basic { client_id: "alpha".into(), client_secret: "s3cret".into() }
    }

    #[test]
    fn both_ways_of_a_secret_make_the_same_request() {
        let post = read(&[POST], Authorization::Absent).unwrap();
        assert_eq!(read(&[&[("grant_type", "client_credentials")]], basic()).unwrap(), post);
        assert_eq!(read(&[&[("grant_type", "client_credentials"), ("client_id", "alpha")]], basic()).unwrap(), post);
    }

    #[test]
    fn b6_more_than_one_way_of_authentication_is_refused() {
        let ambiguous = Err(Refusal::ClientAuthenticationAmbiguous);
        assert_eq!(read(&[POST], basic()), ambiguous);
        assert_eq!(read(&[POST], Authorization::Unreadable), ambiguous);
        assert_eq!(read(&[POST, &[("client_assertion", "e30.e30.e30")]], Authorization::Absent), ambiguous);
        let grant: &[_] = &[("grant_type", "client_credentials")];
        assert_eq!(read(&[grant, &[("client_assertion", "e30.e30.e30")]], basic()), ambiguous);
        assert_eq!(read(&[grant, &[("client_id", "beta")]], basic()), ambiguous);
    }

    #[test]
    fn an_assertion_is_no_proof_as_long_as_none_is_served() {
        let pairs: &[_] =
            &[("grant_type", "client_credentials"), ("client_id", "alpha"), ("client_assertion", "a.b.c")];
        assert_eq!(read(&[pairs], Authorization::Absent), Err(Refusal::ClientAuthenticationFailed));
    }

    #[test]
    fn audience_and_resource_mean_the_same() {
        let audience = |pairs| read(&[POST, pairs], Authorization::Absent).map(|request| request.audience);
        let named = Ok(Some("https://a/".into()));
        assert_eq!(audience(&[("audience", "https://a/")]), named);
        assert_eq!(audience(&[("resource", "https://a/")]), named);
        assert_eq!(audience(&[("audience", "https://a/"), ("resource", "https://a/")]), named);
        let two = audience(&[("audience", "https://a/"), ("resource", "https://b/")]);
        assert_eq!(two, Err(Refusal::AudienceAmbiguous));
        assert_eq!(audience(&[]), Ok(None));
    }

    #[test]
    fn b3_a_malformed_scope_is_refused_before_anyone_is_asked() {
        for scope in [" ", " a", "a ", "a  b", "a a", "a\tb", "\"", "é"] {
            let request = read(&[POST, &[("scope", scope)]], Authorization::Absent);
            assert_eq!(request, Err(Refusal::ScopeMalformed), "{scope:?}");
        }
    }

    #[test]
    fn what_is_longer_than_anything_it_could_name_is_refused_by_its_name() {
        let with = |name: &str, value: String| {
            let mut pairs = std::collections::BTreeMap::from_iter(POST.iter().copied().map(|(k, v)| (k, v.to_owned())));
            pairs.insert(name, value);
            let mut parameters = Parameters::default();
            pairs.into_iter().for_each(|(name, value)| {
                parameters.add(name.to_owned().into(), Value::Text(value.into())).unwrap();
            });
            TokenRequest::read(parameters, Authorization::Absent)
        };
        let bounds = [("client_id", 1024), ("client_secret", 1024), ("audience", 600), ("resource", 600)];
        for (name, longest) in bounds {
            assert!(with(name, "x".repeat(longest)).is_ok(), "{name}");
            let rule = format!("it is longer than {longest} bytes").into();
            let refused = Err(Refusal::ParameterInvalid { parameter: name.into(), rule });
            assert_eq!(with(name, "x".repeat(longest + 1)), refused);
        }
        let numbered = |count: usize| (0..count).map(|n| format!("{n:0>39}")).collect::<Vec<_>>().join(" ");
        let rule = |scope: String| match with("scope", scope) {
            Err(Refusal::ParameterInvalid { parameter, rule }) if parameter == "scope" => rule.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(with("scope", numbered(100)).map(|request| request.scopes.len()), Ok(100));
        assert_eq!(rule(numbered(101)), "there are more than 100 scopes");
        assert_eq!(rule("x".repeat(281)), "a scope is longer than 280 characters");
        assert_eq!(rule("x ".repeat(2049)), "it is longer than 4096 bytes");
    }

    #[test]
    fn other_grant_types_are_not_supported() {
        for grant_type in
            ["password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS", "client_credentials "]
        {
            let request = read(&[&[("grant_type", grant_type)]], basic());
            assert_eq!(request, Err(Refusal::GrantTypeUnsupported), "{grant_type}");
        }
    }

    #[test]
    fn b34_debug_shows_no_secret() {
        let request = read(&[POST], Authorization::Absent).unwrap();
        assert!(!format!("{request:?} {:?}", basic()).contains("s3cret"));
    }
}
