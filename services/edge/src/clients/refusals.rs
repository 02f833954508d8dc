//! What a sibling service refused, as the edge understands it.

use std::time::Duration;

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{Reason, name_of, reason_of};
use mintage_chassis::telemetry;
use mintage_oauth::openid;
use tonic::{Code, Status};

use crate::domain::Refusal;

/// Reads the reason of a refusal. What a sibling says for people goes no further.
#[must_use]
pub fn refusal_of(status: &Status) -> Refusal {
    match reason_of(status) {
        Some(reason) => of_reason(&reason, status),
        None => of_code(status),
    }
}

fn of_reason(reason: &Reason, status: &Status) -> Refusal {
    use ErrorReason as Because;
    telemetry::note(|facts| facts.reason(name_of(reason.reason)));
    let told = |key: &str| reason.get(key).to_owned();
    match reason.reason {
        Because::ParameterMissing => Refusal::ParameterMissing { parameter: told("parameter").into() },
        Because::ParameterInvalid => {
            Refusal::ParameterInvalid { parameter: told("parameter").into(), rule: told("rule").into() }
        }
        Because::ParameterRepeated => Refusal::ParameterRepeated { parameter: told("parameter").into() },
        Because::ClientAuthenticationFailed => Refusal::ClientAuthenticationFailed,
        Because::ClientAuthenticationAmbiguous => Refusal::ClientAuthenticationAmbiguous,
        Because::TooManyAttempts => {
            let limit = reason.get("limit").parse().unwrap_or(0);
            Refusal::TooManyAttempts { retry_after: retry_after(reason), limit }
        }
        Because::GrantTypeUnsupported => Refusal::GrantTypeUnsupported,
        Because::GrantTypeNotAllowed => Refusal::GrantTypeNotAllowed { grant_type: told("grant_type") },
        Because::GrantInvalid => Refusal::GrantInvalid { grant_type: None },
        Because::AudienceMissing => Refusal::AudienceMissing,
        Because::AudienceUnknown => Refusal::AudienceUnknown { audience: told("audience") },
        Because::ClientGrantMissing => {
            Refusal::ClientGrantMissing { client_id: told("client_id"), audience: told("audience") }
        }
        Because::ThirdPartyRefused => {
            Refusal::ThirdPartyRefused { client_id: told("client_id"), audience: told("audience") }
        }
        Because::AudienceNotGranted => Refusal::AudienceNotGranted { audience: told("audience") },
        Because::ScopeMalformed => Refusal::ScopeMalformed,
        Because::ScopeNotGranted => Refusal::ScopeNotGranted { scopes: told("scopes") },
        // The only limit that a request meets is the token's own length.
        Because::LimitReached => Refusal::TokenTooLong,
        Because::TenantUnknown => Refusal::NothingHere,
        Because::SignInRefused => Refusal::SignInRefused,
        Because::InteractionOver => Refusal::InteractionOver,
        Because::Unauthenticated => Refusal::Unauthenticated,
        // The userinfo endpoint alone asks for one of an access token.
        Because::InsufficientScope => Refusal::InsufficientScope { scope: openid::OPENID },
        Because::RegistrationOff => Refusal::RegistrationOff,
        Because::RegistrationRefused => Refusal::RegistrationRefused,
        Because::TemporarilyUnavailable => Refusal::TemporarilyUnavailable { retry_after: retry_after(reason) },
        Because::NotFound => Refusal::ObjectUnknown,
        Because::Unspecified
        | Because::Conflict
        | Because::SystemObject
        | Because::MethodRefused
        | Because::KeyNotReady
        | Because::StateRefused
        | Because::Internal => fault(status),
    }
}

/// Statuses that the transport made, not a service of the suite.
fn of_code(status: &Status) -> Refusal {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => {
            tracing::warn!(code = ?status.code(), "a sibling service does not answer");
            Refusal::unavailable()
        }
        // A message longer than the sibling reads is a body longer than it can be asked for.
        Code::OutOfRange => Refusal::BodyTooLarge,
        _ => fault(status),
    }
}

fn fault(status: &Status) -> Refusal {
    tracing::error!(
        code = ?status.code(),
        message = status.message(),
        trace_id = telemetry::trace_id(),
        "a sibling service failed"
    );
    Refusal::Internal
}

fn retry_after(reason: &Reason) -> Duration {
    Duration::from_secs(reason.get("retry_after_seconds").parse().unwrap_or(1).clamp(1, MAX_RETRY_AFTER))
}

/// An hour: longer waits are an operator's matter.
const MAX_RETRY_AFTER: u64 = 3600;
