//! What the RFCs answer: the `rfc` profile of a tenant.

use ::http::StatusCode;
use mintage_oauth::ErrorCode;

use super::Row;
use crate::domain::Refusal;

/// RFC 6749 section 5.2, RFC 8707 section 2, and HTTP for what is no matter of OAuth.
pub(super) fn row(refusal: &Refusal) -> Row {
    use ErrorCode as Code;
    use Refusal as R;
    let (status, code) = match refusal {
        R::NothingHere => (StatusCode::NOT_FOUND, Code::InvalidRequest),
        R::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, Code::InvalidRequest),
        R::MediaTypeUnsupported | R::JsonExpected => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidRequest),
        R::QueryTooLong => (StatusCode::URI_TOO_LONG, Code::InvalidRequest),
        R::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidRequest),
        R::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, Code::InvalidRequest),
        R::HostUnreadable
        | R::ForwardingUnreadable { .. }
        | R::ParameterInQuery { .. }
        | R::BodyUnreadable
        | R::TooManyParameters
        | R::ParameterMissing { .. }
        | R::ParameterRepeated { .. }
        | R::ClientAuthenticationAmbiguous => (StatusCode::BAD_REQUEST, Code::InvalidRequest),
        R::ParameterInvalid { parameter, .. } => (StatusCode::BAD_REQUEST, code_of_invalid(parameter)),
        R::ClientUnnamed | R::ClientAuthenticationFailed => (StatusCode::UNAUTHORIZED, Code::InvalidClient),
        R::TooManyAttempts { .. } | R::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, Code::TooManyRequests),
        R::GrantTypeUnsupported => (StatusCode::BAD_REQUEST, Code::UnsupportedGrantType),
        R::GrantTypeNotAllowed { .. } => (StatusCode::BAD_REQUEST, Code::UnauthorizedClient),
        R::GrantInvalid { .. } => (StatusCode::BAD_REQUEST, Code::InvalidGrant),
        R::AudienceMissing
        | R::AudienceAmbiguous
        | R::AudienceUnknown { .. }
        | R::ClientGrantMissing { .. }
        | R::ThirdPartyRefused { .. }
        | R::AudienceNotGranted { .. } => (StatusCode::BAD_REQUEST, Code::InvalidTarget),
        R::ScopeNotText | R::ScopeMalformed | R::ScopeNotGranted { .. } | R::TokenTooLong => {
            (StatusCode::BAD_REQUEST, Code::InvalidScope)
        }
        R::CrossSite => (StatusCode::FORBIDDEN, Code::InvalidRequest),
        R::InteractionOver => (StatusCode::BAD_REQUEST, Code::InvalidRequest),
        R::SignInRefused | R::RegistrationOff => (StatusCode::FORBIDDEN, Code::AccessDenied),
        R::Unauthenticated | R::RegistrationRefused => (StatusCode::UNAUTHORIZED, Code::InvalidToken),
        R::ObjectUnknown => (StatusCode::NOT_FOUND, Code::InvalidRequest),
        R::InsufficientScope { .. } => (StatusCode::FORBIDDEN, Code::InsufficientScope),
        R::MetadataRefused { field, .. } => (StatusCode::BAD_REQUEST, code_of_metadata(field)),
        R::TemporarilyUnavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, Code::TemporarilyUnavailable),
        R::Internal => (StatusCode::INTERNAL_SERVER_ERROR, Code::ServerError),
    };
    Row { status, code, description: printable(&refusal.to_string()).into(), uri: None }
}

/// RFC 8707 section 2 has a code of its own for an API that cannot be read, RFC 6749 for a scope.
fn code_of_invalid(parameter: &str) -> ErrorCode {
    match parameter {
        "audience" | "resource" => ErrorCode::InvalidTarget,
        "scope" | "scopes" => ErrorCode::InvalidScope,
        _ => ErrorCode::InvalidRequest,
    }
}

/// RFC 7591 section 3.2.2.
fn code_of_metadata(field: &str) -> ErrorCode {
    if field == "redirect_uris" { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata }
}

/// The characters that RFC 6749 section 5.2 allows in a description, and no more of them than a person reads.
fn printable(text: &str) -> String {
    let allowed = |letter: &char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
    text.chars().take(MAX_DESCRIPTION).map(|letter| if allowed(&letter) { letter } else { '?' }).collect()
}

const MAX_DESCRIPTION: usize = 1000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_description_never_has_a_character_that_rfc_6749_forbids(name in "\\PC{0,40}|.{0,40}") {
            let row = row(&Refusal::ParameterRepeated { parameter: name.into() });
            let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            prop_assert!(row.description.bytes().all(allowed));
        }
    }
}
