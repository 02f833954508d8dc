//! Every refusal of the domain as a status: one exhaustive match.

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{internal, refusal, unavailable};
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
            RegistryError::BeyondReach { scopes } => {
                (Code::PermissionDenied, ErrorReason::InsufficientScope, &[("scopes", scopes)])
            }
            RegistryError::Unavailable(cause) => return not_now(cause, text),
            RegistryError::Failed(cause) => return internal(&**cause),
        };
        refusal(code, reason, text, metadata)
    }
}

fn not_now(cause: &Fault, text: String) -> Status {
    tracing::warn!(%cause, source = cause.source().map(tracing::field::display), "a request cannot be served now");
    unavailable(text)
}
