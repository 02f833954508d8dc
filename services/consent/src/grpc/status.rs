//! Every refusal of the domain as a status: one exhaustive match.

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{Chain, internal, overloaded, refusal, unavailable};
use tonic::{Code, Status};

use crate::domain::ConsentError;

impl From<ConsentError> for Status {
    fn from(error: ConsentError) -> Self {
        let text = error.to_string();
        let seconds;
        let (code, reason, metadata): (_, _, &[(&str, &str)]) = match &error {
            ConsentError::Missing { parameter } => {
                (Code::InvalidArgument, ErrorReason::ParameterMissing, &[("parameter", parameter)])
            }
            ConsentError::Invalid { parameter, rule } => {
                (Code::InvalidArgument, ErrorReason::ParameterInvalid, &[("parameter", parameter), ("rule", rule)])
            }
            ConsentError::NotFound(kind) => (Code::NotFound, ErrorReason::NotFound, &[("kind", kind.as_str())]),
            ConsentError::Conflict(kind) => (Code::AlreadyExists, ErrorReason::Conflict, &[("kind", kind.as_str())]),
            ConsentError::GrantInvalid => (Code::InvalidArgument, ErrorReason::GrantInvalid, &[]),
            ConsentError::AudienceNotGranted { audience } => {
                (Code::PermissionDenied, ErrorReason::AudienceNotGranted, &[("audience", audience)])
            }
            ConsentError::ScopeNotGranted { scopes } => {
                (Code::PermissionDenied, ErrorReason::ScopeNotGranted, &[("scopes", scopes)])
            }
            ConsentError::SignInRefused => (Code::Unauthenticated, ErrorReason::SignInRefused, &[]),
            ConsentError::TooManyAttempts { retry_after } => {
                seconds = retry_after.as_secs().max(1).to_string();
                (Code::ResourceExhausted, ErrorReason::TooManyAttempts, &[("retry_after_seconds", &seconds)])
            }
            ConsentError::InteractionOver => (Code::NotFound, ErrorReason::InteractionOver, &[]),
            ConsentError::Unauthenticated => (Code::Unauthenticated, ErrorReason::Unauthenticated, &[]),
            ConsentError::InsufficientScope { scope } => {
                (Code::PermissionDenied, ErrorReason::InsufficientScope, &[("scopes", scope)])
            }
            ConsentError::Overloaded => return overloaded(text),
            ConsentError::Unavailable(cause) => {
                tracing::warn!(cause = %Chain(&**cause), "a request cannot be served now");
                return unavailable(text);
            }
            ConsentError::Failed(cause) => return internal(&**cause),
        };
        refusal(code, reason, text, metadata)
    }
}
