//! Refusals → statuses: one exhaustive match.

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{internal, refusal, unavailable};
use tonic::{Code, Status};

use crate::domain::{KeysError, PortError, RingError};
use crate::signing::SignRefusal;

/// Why a call is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{parameter}: {rule}")]
    Invalid { parameter: &'static str, rule: String },
    #[error("there is no such tenant")]
    TenantUnknown,
    #[error("there is no such signing key")]
    KeyUnknown,
    #[error("there is no such key ring")]
    RingUnknown,
    #[error("too many signatures wait; try again")]
    Overloaded,
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Refusal {
    pub(super) fn invalid(parameter: &'static str, rule: &impl ToString) -> Self {
        Self::Invalid { parameter, rule: rule.to_string() }
    }
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::Keys(error.into())
    }
}

impl From<Refusal> for Status {
    fn from(refused: Refusal) -> Self {
        let message = refused.to_string();
        let not_found = |kind| refusal(Code::NotFound, ErrorReason::NotFound, &message, &[("kind", kind)]);
        match refused {
            Refusal::Missing(parameter) => {
                refusal(Code::InvalidArgument, ErrorReason::ParameterMissing, message, &[("parameter", parameter)])
            }
            Refusal::Invalid { parameter, ref rule } => {
                let metadata = [("parameter", parameter), ("rule", rule)];
                refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, &message, &metadata)
            }
            Refusal::TenantUnknown => refusal(Code::NotFound, ErrorReason::TenantUnknown, message, &[]),
            Refusal::KeyUnknown => not_found("signing_key"),
            Refusal::RingUnknown | Refusal::Keys(KeysError::RingUnknown(_)) => not_found("key_ring"),
            Refusal::Overloaded => refusal(Code::ResourceExhausted, ErrorReason::TemporarilyUnavailable, message, &[]),
            Refusal::Keys(KeysError::Contended(_)) => {
                refusal(Code::Aborted, ErrorReason::Conflict, message, &[("kind", "key_ring")])
            }
            Refusal::Keys(KeysError::Ring(RingError::Full { limit })) => {
                let metadata = [("limit", &*limit.to_string())];
                refusal(Code::FailedPrecondition, ErrorReason::LimitReached, message, &metadata)
            }
            Refusal::Keys(KeysError::Ring(ref error)) => internal(error),
            Refusal::Keys(KeysError::Port(PortError::Unavailable(ref cause))) => {
                tracing::warn!(%cause, "the key database does not answer");
                unavailable("keys cannot be had now; try again")
            }
            Refusal::Keys(KeysError::Port(ref error @ PortError::Internal(_))) => internal(error),
        }
    }
}

/// The reason that stands for an item of a batch.
pub(super) const fn reason_of(refused: SignRefusal) -> ErrorReason {
    match refused {
        SignRefusal::Malformed => ErrorReason::ParameterInvalid,
        SignRefusal::RingUnknown => ErrorReason::NotFound,
        SignRefusal::Unavailable | SignRefusal::Overloaded => ErrorReason::TemporarilyUnavailable,
        SignRefusal::Internal => ErrorReason::Internal,
    }
}
