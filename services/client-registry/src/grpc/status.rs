//! Every refusal of the domain as a status: one exhaustive match.

use std::time::Duration;

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{Chain, internal, refusal, unavailable};
use tonic::{Code, Status};

use crate::domain::{Fault, RegistryError};

impl From<RegistryError> for Status {
    fn from(error: RegistryError) -> Self {
        let text = error.to_string();
        let (code, reason, metadata): (_, _, &[(&str, &str)]) = match &error {
            RegistryError::Missing { parameter } => {
                (Code::InvalidArgument, ErrorReason::ParameterMissing, &[("parameter", parameter)])
            }
            RegistryError::Invalid { parameter, rule } => {
                (Code::InvalidArgument, ErrorReason::ParameterInvalid, &[("parameter", parameter), ("rule", rule)])
            }
            RegistryError::NotFound(kind) => (Code::NotFound, ErrorReason::NotFound, &[("kind", kind.as_str())]),
            RegistryError::Conflict(kind) => (Code::AlreadyExists, ErrorReason::Conflict, &[("kind", kind.as_str())]),
            RegistryError::LimitReached { limit } => {
                (Code::FailedPrecondition, ErrorReason::LimitReached, &[("limit", limit)])
            }
            RegistryError::SystemObject(kind) => {
                (Code::FailedPrecondition, ErrorReason::SystemObject, &[("kind", kind.as_str())])
            }
            RegistryError::ThirdPartyRefused { client, audience } => (
                Code::FailedPrecondition,
                ErrorReason::ThirdPartyRefused,
                &[("client_id", client.as_str()), ("audience", audience.as_str())],
            ),
            RegistryError::RegistrationOff => (Code::PermissionDenied, ErrorReason::RegistrationOff, &[]),
            RegistryError::RegistrationRefused => (Code::PermissionDenied, ErrorReason::RegistrationRefused, &[]),
            RegistryError::TooManyAttempts { retry_after, limit } => return too_many(*retry_after, *limit, text),
            RegistryError::BeyondReach { scopes } => {
                (Code::PermissionDenied, ErrorReason::InsufficientScope, &[("scopes", scopes)])
            }
            RegistryError::Unavailable(cause) => return not_now(cause, text),
            RegistryError::Failed(cause) => return internal(&**cause),
        };
        refusal(code, reason, text, metadata)
    }
}

fn too_many(retry_after: Duration, limit: u32, text: String) -> Status {
    let seconds = retry_after.as_millis().div_ceil(1000).max(1).to_string();
    let metadata = [("retry_after_seconds", &*seconds), ("limit", &limit.to_string())];
    refusal(Code::ResourceExhausted, ErrorReason::TooManyAttempts, text, &metadata)
}

fn not_now(cause: &Fault, text: String) -> Status {
    tracing::warn!(cause = %Chain(&**cause), "a request cannot be served now");
    unavailable(text)
}
