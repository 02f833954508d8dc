//! Why the consent service does not do what it was asked.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What lies beneath an error that is not the caller's.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// A refusal, or a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsentError {
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
    /// What is redeemed is unknown, ended, used, or another's.
    #[error("the grant is not valid")]
    GrantInvalid,
    /// The user granted another API, or none.
    #[error("the audience is not the one that was granted")]
    AudienceNotGranted { audience: String },
    /// The client may not use the grant, or not for what it asks.
    #[error("the scopes are beyond what was granted")]
    ScopeNotGranted { scopes: String },
    /// The e-mail address and the password do not belong together, or the user may not sign in.
    #[error("the sign-in is refused")]
    SignInRefused,
    /// Too many failed attempts lately.
    #[error("too many attempts failed lately")]
    TooManyAttempts { retry_after: Duration },
    /// The interaction has ended, was answered, or belongs to another browser.
    #[error("the interaction is over")]
    InteractionOver,
    /// Nobody is signed in, or the token presented is none.
    #[error("nobody is signed in")]
    Unauthenticated,
    /// The access token lacks the scope.
    #[error("the token lacks the scope {scope}")]
    InsufficientScope { scope: &'static str },
    /// Too much is under way.
    #[error("too much is asked for at once")]
    Overloaded,
    /// The store or a sibling service does not answer; later it may.
    #[error("the consent service cannot do this now")]
    Unavailable(#[source] Fault),
    /// A fault of ours.
    #[error("the consent service failed")]
    Failed(#[source] Fault),
}

impl ConsentError {
    /// A parameter breaks `rule`.
    pub(crate) fn invalid(parameter: &'static str, rule: impl fmt::Display) -> Self {
        Self::Invalid { parameter, rule: rule.to_string() }
    }
}

/// Kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tenant,
    User,
    UserGrant,
}

impl Kind {
    /// The name programs know it by.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::UserGrant => "user_grant",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::UserGrant => "user grant",
        })
    }
}
