//! Why the registry does not do what it was asked.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use mintage_oauth::{Audience, ClientId};

/// What lies beneath an error that is not the caller's.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// A refusal, or a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// A required parameter is absent.
    #[error("{parameter} is required")]
    Missing { parameter: &'static str },
    /// A parameter breaks its rule.
    #[error("{parameter} is refused: {rule}")]
    Invalid { parameter: &'static str, rule: String },
    /// The object named does not exist.
    #[error("the {0} does not exist")]
    NotFound(Kind),
    /// The object exists already.
    #[error("the {0} exists already")]
    Conflict(Kind),
    /// A bound is reached.
    #[error("there may be no more than {limit}")]
    LimitReached { limit: &'static str },
    /// The system made the object, and keeps it as it is.
    #[error("the {0} belongs to the system")]
    SystemObject(Kind),
    /// Third parties never get tokens for an HS256 API or the Management API.
    #[error("a third-party client never gets a token for this API")]
    ThirdPartyRefused { client: ClientId, audience: Audience },
    /// The tenant lets nobody register clients, nor change what is registered.
    #[error("clients do not register themselves here")]
    RegistrationOff,
    /// Whoever asks may not register clients, or not manage this one.
    #[error("whoever asks may not register clients here, or not manage this one")]
    RegistrationRefused,
    /// Too many registrations were asked for lately.
    #[error("too many registrations were asked for lately")]
    TooManyAttempts { retry_after: Duration, limit: u32 },
    /// Nobody rules over a mightier one.
    #[error("this operator lacks scopes that the client has or would get: {scopes}")]
    BeyondReach { scopes: String },
    /// The store or a sibling service does not answer; later it may.
    #[error("the registry cannot do this now")]
    Unavailable(#[source] Fault),
    /// A fault of ours.
    #[error("the registry failed")]
    Failed(#[source] Fault),
}

impl RegistryError {
    /// A parameter breaks `rule`.
    pub(crate) fn invalid(parameter: &'static str, rule: impl fmt::Display) -> Self {
        Self::Invalid { parameter, rule: rule.to_string() }
    }
}

/// Kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tenant,
    Origin,
    Client,
    ClientSecret,
    ResourceServer,
    ClientGrant,
}

impl Kind {
    /// The name programs know it by.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Origin => "origin",
            Self::Client => "client",
            Self::ClientSecret => "client_secret",
            Self::ResourceServer => "resource_server",
            Self::ClientGrant => "client_grant",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tenant => "tenant",
            Self::Origin => "origin",
            Self::Client => "client",
            Self::ClientSecret => "client secret",
            Self::ResourceServer => "API",
            Self::ClientGrant => "client grant",
        })
    }
}
