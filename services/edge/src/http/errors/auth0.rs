//! What Auth0 answers: the `auth0` profile of a tenant.

use ::http::StatusCode as Status;
use mintage_oauth::{ErrorCode as Code, GrantType};

use super::Row;
use crate::domain::Refusal;

/// The row of a refusal, where Auth0 is known to differ from the RFCs.
pub(super) fn row(refusal: &Refusal) -> Option<Row> {
    use Refusal as R;
    let (status, code, description) = match refusal {
        R::MethodNotAllowed => (Status::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, "Method not allowed".into()),
        R::ParameterMissing { parameter } => (Status::BAD_REQUEST, Code::InvalidRequest, missing(parameter)),
        R::ClientUnnamed => (Status::UNAUTHORIZED, Code::InvalidClient, "Missing client_id".into()),
        R::ClientAuthenticationFailed => (Status::UNAUTHORIZED, Code::AccessDenied, "Unauthorized".into()),
        R::TooManyAttempts { .. } | R::TooManyRequests { .. } => {
            (Status::TOO_MANY_REQUESTS, Code::TooManyRequests, RATE_LIMITED.into())
        }
        R::GrantTypeUnsupported => (Status::BAD_REQUEST, Code::UnsupportedGrantType, NO_GRANT_TYPE.into()),
        R::GrantTypeNotAllowed { grant_type } => (Status::FORBIDDEN, Code::UnauthorizedClient, closed(grant_type)),
        R::GrantInvalid { grant_type } => (Status::FORBIDDEN, Code::InvalidGrant, no_good(*grant_type).into()),
        R::AudienceMissing => (Status::FORBIDDEN, Code::AccessDenied, NO_AUDIENCE.into()),
        R::AudienceUnknown { audience } => (Status::FORBIDDEN, Code::AccessDenied, unknown(audience)),
        R::ClientGrantMissing { client_id, audience } => {
            (Status::FORBIDDEN, Code::AccessDenied, no_client_grant(client_id, audience))
        }
        R::ThirdPartyRefused { client_id, audience } => {
            (Status::FORBIDDEN, Code::UnauthorizedClient, no_client_grant(client_id, audience))
        }
        R::ScopeNotText => (Status::BAD_REQUEST, Code::InvalidScope, "Scope must be an array or a string".into()),
        R::ScopeNotGranted { scopes } => (Status::FORBIDDEN, Code::AccessDenied, not_granted(scopes)),
        _ => return None,
    };
    let uri = matches!(refusal, R::GrantTypeNotAllowed { .. }).then_some(GRANT_TYPES_URI);
    Some(Row { status, code, description: String::into(description), uri })
}

const fn no_good(grant_type: Option<GrantType>) -> &'static str {
    match grant_type {
        Some(GrantType::RefreshToken) => "Unknown or invalid refresh token.",
        Some(GrantType::Password) => "Wrong email or password.",
        _ => "Invalid authorization code",
    }
}

fn missing(parameter: &str) -> String {
    format!("Missing required parameter: {parameter}")
}

fn closed(grant_type: &str) -> String {
    format!("Grant type '{grant_type}' not allowed for the client.")
}

fn unknown(audience: &str) -> String {
    format!("Service not enabled within domain: {audience}")
}

fn no_client_grant(client_id: &str, audience: &str) -> String {
    format!(
        "Client \"{client_id}\" is not authorized to access resource server \"{audience}\". \
         You need to create a \"client-grant\" associated to this API."
    )
}

fn not_granted(scopes: &str) -> String {
    format!("Client has not been granted scopes: {}", scopes.replace(' ', ", "))
}

const GRANT_TYPES_URI: &str = "https://auth0.com/docs/clients/client-grant-types";
const NO_AUDIENCE: &str = "Non-global clients are not allowed access to APIv1";
const NO_GRANT_TYPE: &str = "Grant type not supported";
const RATE_LIMITED: &str =
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.";
