//! Why the edge does not answer as asked.

use std::borrow::Cow;
use std::time::Duration;

use mintage_oauth::GrantType;

/// Every reason for which a request is refused. What it says is true of the request and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No tenant is served on this origin, or nothing at this path; which of the two is not told.
    #[error("there is nothing here")]
    NothingHere,
    /// No host, two, or one that is no host name.
    #[error("the host of the request cannot be read")]
    HostUnreadable,
    /// A trusted proxy says twice, or in no known form, where the request came from.
    #[error("the header {header} of the proxy cannot be read")]
    ForwardingUnreadable {
        /// The header.
        header: &'static str,
    },
    /// The method is another than the path has.
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    /// A parameter of the token request stands in the query, which ends in logs; it goes in the body (RFC 6749 section
    /// 2.3.1).
    #[error("the parameter {parameter} must not be in the query")]
    ParameterInQuery {
        /// Its name.
        parameter: &'static str,
    },
    /// Neither a form nor JSON, or compressed.
    #[error("the body must be application/x-www-form-urlencoded or application/json")]
    MediaTypeUnsupported,
    /// Not JSON, where nothing else is taken, or compressed.
    #[error("the body must be application/json")]
    JsonExpected,
    /// More of a query than any request needs.
    #[error("the query is too long")]
    QueryTooLong,
    /// More bytes than the bound.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The bytes came too slowly.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The bytes are not what the content type says, or stopped coming.
    #[error("the body cannot be read")]
    BodyUnreadable,
    /// More parameters than any grant has.
    #[error("there are too many parameters")]
    TooManyParameters,

    /// A required parameter is absent.
    #[error("the parameter {parameter} is missing")]
    ParameterMissing {
        /// Its name.
        parameter: Cow<'static, str>,
    },
    /// A parameter breaks its rule.
    #[error("the parameter {parameter} is invalid: {rule}")]
    ParameterInvalid {
        /// Its name.
        parameter: Cow<'static, str>,
        /// The rule it breaks.
        rule: Cow<'static, str>,
    },
    /// A parameter that may stand once stands more than once (RFC 6749 section 3.2).
    #[error("the parameter {parameter} stands more than once")]
    ParameterRepeated {
        /// Its name.
        parameter: Cow<'static, str>,
    },

    /// Nobody says who the client is.
    #[error("the client did not say who it is")]
    ClientUnnamed,
    /// The client is unknown, disabled, or did not prove who it is.
    #[error("the client did not prove who it is")]
    ClientAuthenticationFailed,
    /// More than one way of client authentication in one request (RFC 6749 section 2.3).
    #[error("the client authenticated in more than one way")]
    ClientAuthenticationAmbiguous,
    /// Too many failed attempts lately.
    #[error("too many attempts failed lately")]
    TooManyAttempts {
        /// When to come back.
        retry_after: Duration,
        /// How many are forgiven at once.
        limit: u32,
    },

    /// More came lately than is taken, whatever came of it.
    #[error("more was asked lately than is taken; come back later")]
    TooManyRequests {
        /// When to come back.
        retry_after: Duration,
        /// How many are taken at once.
        limit: u32,
    },

    /// The grant type is not served.
    #[error("the grant type is not supported")]
    GrantTypeUnsupported,
    /// The client may not use the grant type.
    #[error("the client may not use this grant type")]
    GrantTypeNotAllowed {
        /// The grant type.
        grant_type: String,
    },
    /// The code, refresh token or password is unknown, ended, used, or another client's; nothing more is said.
    #[error("the grant is invalid, expired, revoked or another client's")]
    GrantInvalid {
        /// What was presented.
        grant_type: Option<GrantType>,
    },

    /// Neither `audience` nor `resource`, and the tenant has no default.
    #[error("the request names no audience")]
    AudienceMissing,
    /// More than one API named, and a token is for one (RFC 8707 section 2).
    #[error("the request names more than one audience")]
    AudienceAmbiguous,
    /// No such API.
    #[error("the audience is unknown")]
    AudienceUnknown {
        /// The API asked for.
        audience: String,
    },
    /// The client has no grant for the API.
    #[error("the client has no grant for this audience")]
    ClientGrantMissing {
        /// The client.
        client_id: String,
        /// The API asked for.
        audience: String,
    },
    /// Third-party clients never get a token for this API.
    #[error("the audience is not open to third-party clients")]
    ThirdPartyRefused {
        /// The client.
        client_id: String,
        /// The API asked for.
        audience: String,
    },
    /// The user granted another API (RFC 8707 section 2.2).
    #[error("the audience is not the one that was granted")]
    AudienceNotGranted {
        /// The API asked for.
        audience: String,
    },

    /// The `scope` is neither a string nor an array of strings.
    #[error("the scope must be a string or an array of strings")]
    ScopeNotText,
    /// The `scope` breaks the grammar: names with one space between two, none twice (RFC 6749 section 3.3).
    #[error("the scope is malformed")]
    ScopeMalformed,
    /// Scopes outside the grant.
    #[error("the client has not been granted the scopes: {scopes}")]
    ScopeNotGranted {
        /// Only the missing ones, a space between two.
        scopes: String,
    },

    /// The scopes and claims of the token are longer than one token may be.
    #[error("the token would be too long; ask for fewer scopes")]
    TokenTooLong,

    /// The form was not sent from one of our own pages.
    #[error("the form was not sent from a page of this site")]
    CrossSite,
    /// The interaction has ended, was answered, or belongs to another browser.
    #[error("the interaction is over")]
    InteractionOver,
    /// The e-mail address and the password do not belong together, or the user may not sign in.
    #[error("the sign-in was refused")]
    SignInRefused,
    /// Nobody is signed in, or the access token is none.
    #[error("the access token is missing or not valid")]
    Unauthenticated,
    /// The access token does not carry a scope.
    #[error("the access token does not carry the scope {scope}")]
    InsufficientScope {
        /// Which one.
        scope: &'static str,
    },
    /// What is named does not exist.
    #[error("there is no such thing")]
    ObjectUnknown,
    /// The tenant lets nobody register clients, nor change what is registered.
    #[error("clients do not register themselves here")]
    RegistrationOff,
    /// Whoever asks may not register clients.
    #[error("the registration is not open to whoever asks")]
    RegistrationRefused,
    /// A client says of itself what breaks a rule (RFC 7591 section 3.2.2).
    #[error("the metadata {field} is not accepted: {rule}")]
    MetadataRefused {
        /// The member.
        field: Cow<'static, str>,
        /// The rule it breaks.
        rule: Cow<'static, str>,
    },

    /// State cannot be proven fresh, a sibling does not answer, or too much is under way.
    #[error("the server cannot answer now; try again")]
    TemporarilyUnavailable {
        /// When to come back.
        retry_after: Duration,
    },
    /// A fault of ours; the log says which.
    #[error("the server failed")]
    Internal,
}

impl Refusal {
    /// The same, of something presented for a token: siblings do not repeat what it was.
    #[must_use]
    pub fn of_grant(self, grant_type: GrantType) -> Self {
        match self {
            Self::GrantInvalid { .. } => Self::GrantInvalid { grant_type: Some(grant_type) },
            other => other,
        }
    }

    /// Try again in a second: the usual length of an overload.
    #[must_use]
    pub const fn unavailable() -> Self {
        Self::TemporarilyUnavailable { retry_after: Duration::from_secs(1) }
    }
}
