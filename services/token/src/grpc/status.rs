//! Every refusal as a gRPC status with its reason.

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{internal, overloaded, refusal, unavailable};
use mintage_oauth::{Scope, ScopeSet};
use tonic::{Code, Status};

use super::convert::RequestError;
use crate::domain::IssueError;
use crate::domain::ports::PortError;

/// The status of a token that is not issued.
pub(crate) fn of(error: &IssueError) -> Status {
    let message = error.to_string();
    let refuse = |code, reason, metadata: &[(&str, &str)]| refusal(code, reason, message, metadata);
    match error {
        IssueError::TooManyAttempts { retry_after, limit } | IssueError::TooManySignIns { retry_after, limit } => {
            let seconds = retry_after.as_millis().div_ceil(1000).max(1).to_string();
            let metadata = [("retry_after_seconds", &*seconds), ("limit", &limit.to_string())];
            refuse(Code::ResourceExhausted, ErrorReason::TooManyAttempts, &metadata)
        }
        IssueError::IssuerUnknown => refuse(Code::NotFound, ErrorReason::TenantUnknown, &[]),
        IssueError::ClientAuthenticationFailed => {
            refuse(Code::Unauthenticated, ErrorReason::ClientAuthenticationFailed, &[])
        }
        IssueError::GrantInvalid => refuse(Code::InvalidArgument, ErrorReason::GrantInvalid, &[]),
        IssueError::GrantTypeNotAllowed { grant_type } => {
            let metadata = [("grant_type", grant_type.as_str())];
            refuse(Code::PermissionDenied, ErrorReason::GrantTypeNotAllowed, &metadata)
        }
        IssueError::AudienceMissing => refuse(Code::InvalidArgument, ErrorReason::AudienceMissing, &[]),
        IssueError::AudienceUnknown { audience } => {
            refuse(Code::NotFound, ErrorReason::AudienceUnknown, &[("audience", audience.as_str())])
        }
        IssueError::AudienceNotGranted { audience } => {
            refuse(Code::PermissionDenied, ErrorReason::AudienceNotGranted, &[("audience", audience.as_str())])
        }
        IssueError::ThirdPartyRefused { client_id, audience } => {
            let metadata = [("client_id", client_id.as_str()), ("audience", audience.as_str())];
            refuse(Code::PermissionDenied, ErrorReason::ThirdPartyRefused, &metadata)
        }
        IssueError::ClientGrantMissing { client_id, audience } => {
            let metadata = [("client_id", client_id.as_str()), ("audience", audience.as_str())];
            refuse(Code::PermissionDenied, ErrorReason::ClientGrantMissing, &metadata)
        }
        IssueError::ScopeNotGranted { missing } => {
            let missing = delimited(missing);
            refuse(Code::PermissionDenied, ErrorReason::ScopeNotGranted, &[("scopes", &missing)])
        }
        IssueError::TokenTooLarge { limit } => {
            refuse(Code::FailedPrecondition, ErrorReason::LimitReached, &[("limit", &limit.to_string())])
        }
        IssueError::Port(PortError::Unavailable) => unavailable("the token cannot be issued now; try again"),
        IssueError::Port(PortError::Overloaded) => overloaded("too many tokens are asked for; try again shortly"),
        IssueError::Port(broken @ PortError::Broken) => internal(broken),
    }
}

/// The status of a request that cannot be read.
pub(crate) fn of_request(error: &RequestError) -> Status {
    let message = error.to_string();
    let invalid = |parameter| {
        let metadata = [("parameter", parameter), ("rule", &*message)];
        refusal(Code::InvalidArgument, ErrorReason::ParameterInvalid, &*message, &metadata)
    };
    match error {
        RequestError::Missing(parameter) => {
            refusal(Code::InvalidArgument, ErrorReason::ParameterMissing, &*message, &[("parameter", parameter)])
        }
        RequestError::Tenant(_) => invalid("tenant_id"),
        RequestError::Audience(_) => invalid("audience"),
        RequestError::Scope(_) => refusal(Code::InvalidArgument, ErrorReason::ScopeMalformed, &*message, &[]),
    }
}

fn delimited(scopes: &[Scope]) -> String {
    scopes.iter().cloned().collect::<ScopeSet>().to_delimited()
}
