//! Refusals → statuses: one exhaustive match.

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{internal, refusal, unavailable};
use mintage_clock::Timestamp;
use tonic::{Code, Status};

use crate::domain::{Key, KeyState, KeysError, PortError, RingError, TransitionError};
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
    #[error("the key is {0}")]
    KeyState(&'static str),
    #[error("too many signatures wait; try again")]
    Overloaded,
    #[error("so many watch key sets here that there is no place; try another replica")]
    NoSeat,
    #[error("there were more acknowledgements than key sets")]
    TooManyAcknowledgements,
    #[error("the watcher does not read on; connect again")]
    NotRead,
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Refusal {
    pub(super) fn invalid(parameter: &'static str, rule: &impl ToString) -> Self {
        Self::Invalid { parameter, rule: rule.to_string() }
    }

    /// Why a step of one key was refused. What it was when it was looked up says it best.
    pub(super) fn of_key(error: KeysError, key: &Key) -> Self {
        match error {
            KeysError::Ring(
                RingError::KeyUnknown | RingError::Transition(TransitionError::NotPending | TransitionError::Ended),
            )
            | KeysError::RingUnknown(_) => Self::KeyState(state_name(key.state)),
            other => Self::Keys(other),
        }
    }
}

const fn state_name(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending { .. } => "pending",
        KeyState::Active { .. } => "active",
        KeyState::Retiring { .. } => "retiring",
        KeyState::Removed => "removed",
        KeyState::Revoked => "revoked",
    }
}

fn not_ready(message: &str, metadata: (&str, &str)) -> Status {
    refusal(Code::FailedPrecondition, ErrorReason::KeyNotReady, message, &[metadata])
}

fn show_time(instant: Timestamp) -> String {
    prost_types::Timestamp::from(std::time::SystemTime::from(instant)).to_string()
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
            Refusal::NoSeat => {
                let metadata = [("limit", "watchers of this replica")];
                refusal(Code::ResourceExhausted, ErrorReason::LimitReached, message, &metadata)
            }
            Refusal::TooManyAcknowledgements => {
                refusal(Code::ResourceExhausted, ErrorReason::LimitReached, message, &[("limit", "acknowledgements")])
            }
            Refusal::NotRead => unavailable(&message),
            Refusal::Overloaded => refusal(Code::ResourceExhausted, ErrorReason::TemporarilyUnavailable, message, &[]),
            Refusal::Keys(KeysError::Contended(_)) => {
                refusal(Code::Aborted, ErrorReason::Conflict, message, &[("kind", "key_ring")])
            }
            Refusal::Keys(KeysError::Ring(RingError::Full { limit })) => {
                let metadata = [("limit", &*limit.to_string())];
                refusal(Code::FailedPrecondition, ErrorReason::LimitReached, message, &metadata)
            }
            Refusal::Keys(KeysError::Ring(RingError::Policy(ref rule))) => {
                let metadata = [("parameter", "policy"), ("rule", &*rule.to_string())];
                refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, &message, &metadata)
            }
            Refusal::Keys(KeysError::Ring(RingError::Transition(TransitionError::NotYet(ready_at)))) => {
                not_ready("some verifiers may not know the key yet", ("ready_at", &show_time(ready_at)))
            }
            Refusal::Keys(KeysError::WatchersBehind(ref held)) => {
                not_ready(&message, ("watchers", &(held.watchers - held.holding).to_string()))
            }
            Refusal::KeyState(_) | Refusal::Keys(KeysError::Ring(RingError::NothingAnnounced)) => {
                refusal(Code::FailedPrecondition, ErrorReason::StateRefused, message, &[("kind", "signing_key")])
            }
            Refusal::Keys(KeysError::Ring(ref error)) => internal(error),
            Refusal::Keys(KeysError::Port(PortError::Unavailable(ref cause))) => {
                tracing::warn!(%cause, "what keys are kept in does not answer");
                unavailable("keys cannot be had now; try again")
            }
            Refusal::Keys(KeysError::Port(PortError::Unsupported(ref cause))) => {
                let metadata = [("parameter", "ring.algorithm"), ("rule", &*cause.to_string())];
                refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, cause.to_string(), &metadata)
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
        SignRefusal::Unavailable | SignRefusal::Expired | SignRefusal::Overloaded => {
            ErrorReason::TemporarilyUnavailable
        }
        SignRefusal::Internal => ErrorReason::Internal,
    }
}

#[cfg(test)]
mod tests {
    use mintage_chassis::status::reason_of;
    use mintage_jose::Algorithm;

    use super::*;
    use crate::custody::{CustodyError, TokenError};

    #[test]
    fn a_ring_whose_keys_the_token_cannot_make_is_refused_by_name() {
        let unsupported = TokenError::Unsupported { label: "keys".to_owned(), algorithm: Algorithm::EdDsa };
        let status = Status::from(Refusal::from(PortError::from(CustodyError::from(unsupported))));
        assert_eq!(
            (status.code(), status.message()),
            (Code::InvalidArgument, "the token \"keys\" makes no EdDSA keys")
        );
        let told = reason_of(&status).expect("a reason");
        assert_eq!((told.reason, told.get("parameter")), (ErrorReason::ParameterInvalid, "ring.algorithm"));
    }
}
