//! The one table of OAuth errors: what each refusal looks like over HTTP, in each of the two customs.

use std::borrow::Cow;
use std::time::Duration;

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderName, HeaderValue, StatusCode};
use axum::body::Body;
use axum::response::Response;
use mintage_clock::Timestamp;
use mintage_oauth::{ErrorCode, ErrorProfile};
use serde::Serialize;

use super::Http;
use crate::domain::{Refusal, Tenant};

/// What an answer depends on beside the refusal itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) profile: ErrorProfile,
    /// The client used the `Authorization` header, so it is told how to (RFC 6749 section 5.2). Nobody else is: some
    /// clients read no body beside a challenge.
    pub(super) challenge: bool,
    pub(super) now: Timestamp,
}

impl Asked {
    pub(super) fn of(http: &Http, tenant: &Tenant) -> Self {
        Self { profile: tenant.error_profile, challenge: false, now: http.clock.now() }
    }

    /// Without a tenant it is the RFC's custom.
    pub(super) fn of_nobody(http: &Http) -> Self {
        Self { profile: ErrorProfile::Rfc, challenge: false, now: http.clock.now() }
    }
}

/// Answers a refusal.
pub(super) fn answer(refusal: &Refusal, asked: &Asked) -> Response {
    let row = Row::of(refusal, asked.profile);
    tracing::debug!(status = row.status.as_u16(), error = row.code.as_str(), "request refused");
    let body = Row::json(&row);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = row.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    if asked.challenge && row.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    if let Some(wait) = retry_after(refusal) {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        if row.status == StatusCode::TOO_MANY_REQUESTS && asked.profile == ErrorProfile::Auth0 {
            headers.insert(RATE_LIMIT_REMAINING, HeaderValue::from_static("0"));
            headers.insert(RATE_LIMIT_RESET, HeaderValue::from((asked.now + wait).unix_seconds()));
        }
    }
    response
}

/// One row of the table: what a refusal looks like in one of the customs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The status of the response.
    pub status: StatusCode,
    /// `error`.
    pub code: ErrorCode,
    /// `error_description`.
    pub description: Cow<'static, str>,
    /// `error_uri`.
    pub uri: Option<&'static str>,
}

/// RFC 6749 section 5.2.
#[derive(Serialize)]
struct Json<'a> {
    error: ErrorCode,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<&'a str>,
}

impl Row {
    /// The row of `refusal` in the custom that a tenant's profile asks for.
    #[must_use]
    pub fn of(refusal: &Refusal, profile: ErrorProfile) -> Self {
        match profile {
            ErrorProfile::Rfc => rfc(refusal),
            ErrorProfile::Auth0 => auth0(refusal),
        }
    }

    fn json(&self) -> Vec<u8> {
        let Self { status: _, code, description, uri } = self;
        let json = Json { error: *code, error_description: description, error_uri: *uri };
        serde_json::to_vec(&json).unwrap_or_default()
    }
}

/// RFC 6749 section 5.2, RFC 8707 section 2, and HTTP for what is no matter of OAuth.
fn rfc(refusal: &Refusal) -> Row {
    use ErrorCode as Code;
    use Refusal as R;
    let (status, code) = match refusal {
        R::NothingHere => (StatusCode::NOT_FOUND, Code::InvalidRequest),
        R::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, Code::InvalidRequest),
        R::MediaTypeUnsupported => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidRequest),
        R::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidRequest),
        R::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, Code::InvalidRequest),
        R::HostUnreadable
        | R::ParameterInQuery { .. }
        | R::BodyUnreadable
        | R::TooManyParameters
        | R::ParameterMissing { .. }
        | R::ParameterRepeated { .. }
        | R::ClientAuthenticationAmbiguous => (StatusCode::BAD_REQUEST, Code::InvalidRequest),
        R::ParameterInvalid { parameter, .. } => (StatusCode::BAD_REQUEST, code_of_invalid(parameter)),
        R::ClientUnnamed | R::ClientAuthenticationFailed => (StatusCode::UNAUTHORIZED, Code::InvalidClient),
        R::TooManyAttempts { .. } => (StatusCode::TOO_MANY_REQUESTS, Code::TooManyRequests),
        R::GrantTypeUnsupported => (StatusCode::BAD_REQUEST, Code::UnsupportedGrantType),
        R::GrantTypeNotAllowed { .. } => (StatusCode::BAD_REQUEST, Code::UnauthorizedClient),
        R::AudienceMissing
        | R::AudienceAmbiguous
        | R::AudienceUnknown { .. }
        | R::ClientGrantMissing { .. }
        | R::ThirdPartyRefused { .. } => (StatusCode::BAD_REQUEST, Code::InvalidTarget),
        R::ScopeNotText | R::ScopeMalformed | R::ScopeNotGranted { .. } => {
            (StatusCode::BAD_REQUEST, Code::InvalidScope)
        }
        R::TemporarilyUnavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, Code::TemporarilyUnavailable),
        R::Internal => (StatusCode::INTERNAL_SERVER_ERROR, Code::ServerError),
    };
    Row { status, code, description: printable(&refusal.to_string()).into(), uri: None }
}

/// What Auth0 answers; where it is not known to differ, the RFC.
fn auth0(refusal: &Refusal) -> Row {
    use ErrorCode as Code;
    use Refusal as R;
    let row = |status, code, description: Cow<'static, str>| Row { status, code, description, uri: None };
    match refusal {
        R::MethodNotAllowed => row(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, "Method not allowed".into()),
        R::ParameterMissing { parameter } => row(
            StatusCode::BAD_REQUEST,
            Code::InvalidRequest,
            format!("Missing required parameter: {parameter}").into(),
        ),
        R::ClientUnnamed => row(StatusCode::UNAUTHORIZED, Code::InvalidClient, "Missing client_id".into()),
        R::ClientAuthenticationFailed => row(StatusCode::UNAUTHORIZED, Code::AccessDenied, "Unauthorized".into()),
        R::TooManyAttempts { .. } => row(StatusCode::TOO_MANY_REQUESTS, Code::TooManyRequests, RATE_LIMITED.into()),
        R::GrantTypeUnsupported => {
            row(StatusCode::BAD_REQUEST, Code::UnsupportedGrantType, "Grant type not supported".into())
        }
        R::GrantTypeNotAllowed { grant_type } => Row {
            uri: Some(GRANT_TYPES_URI),
            ..row(
                StatusCode::FORBIDDEN,
                Code::UnauthorizedClient,
                format!("Grant type '{grant_type}' not allowed for the client.").into(),
            )
        },
        R::AudienceMissing => row(StatusCode::FORBIDDEN, Code::AccessDenied, NO_AUDIENCE.into()),
        R::AudienceUnknown { audience } => row(
            StatusCode::FORBIDDEN,
            Code::AccessDenied,
            format!("Service not enabled within domain: {audience}").into(),
        ),
        R::ClientGrantMissing { client_id, audience } => {
            row(StatusCode::FORBIDDEN, Code::AccessDenied, no_client_grant(client_id, audience).into())
        }
        R::ThirdPartyRefused { client_id, audience } => {
            row(StatusCode::FORBIDDEN, Code::UnauthorizedClient, no_client_grant(client_id, audience).into())
        }
        R::ScopeNotText => {
            row(StatusCode::BAD_REQUEST, Code::InvalidScope, "Scope must be an array or a string".into())
        }
        R::ScopeNotGranted { scopes } => row(
            StatusCode::FORBIDDEN,
            Code::AccessDenied,
            format!("Client has not been granted scopes: {}", scopes.replace(' ', ", ")).into(),
        ),
        R::NothingHere
        | R::HostUnreadable
        | R::ParameterInQuery { .. }
        | R::MediaTypeUnsupported
        | R::BodyTooLarge
        | R::BodyTooSlow
        | R::BodyUnreadable
        | R::TooManyParameters
        | R::ParameterInvalid { .. }
        | R::ParameterRepeated { .. }
        | R::ClientAuthenticationAmbiguous
        | R::AudienceAmbiguous
        | R::ScopeMalformed
        | R::TemporarilyUnavailable { .. }
        | R::Internal => rfc(refusal),
    }
}

/// RFC 8707 section 2 has a code of its own for an API that cannot be read, RFC 6749 for a scope.
fn code_of_invalid(parameter: &str) -> ErrorCode {
    match parameter {
        "audience" | "resource" => ErrorCode::InvalidTarget,
        "scope" | "scopes" => ErrorCode::InvalidScope,
        _ => ErrorCode::InvalidRequest,
    }
}

fn no_client_grant(client_id: &str, audience: &str) -> String {
    format!(
        "Client \"{client_id}\" is not authorized to access resource server \"{audience}\". \
         You need to create a \"client-grant\" associated to this API."
    )
}

const fn retry_after(refusal: &Refusal) -> Option<Duration> {
    match refusal {
        Refusal::TooManyAttempts { retry_after } | Refusal::TemporarilyUnavailable { retry_after } => {
            Some(*retry_after)
        }
        _ => None,
    }
}

/// The characters that RFC 6749 section 5.2 allows in a description, and no more of them than a person reads.
fn printable(text: &str) -> String {
    let allowed = |letter: &char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
    text.chars().take(MAX_DESCRIPTION).map(|letter| if allowed(&letter) { letter } else { '?' }).collect()
}

const MAX_DESCRIPTION: usize = 1000;
const CHALLENGE: &str = "Basic realm=\"oauth\", charset=\"UTF-8\"";
const GRANT_TYPES_URI: &str = "https://auth0.com/docs/clients/client-grant-types";
const NO_AUDIENCE: &str = "Non-global clients are not allowed access to APIv1";
const RATE_LIMITED: &str =
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.";
const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_description_never_has_a_character_that_rfc_6749_forbids(name in "\\PC{0,40}|.{0,40}") {
            let row = rfc(&Refusal::ParameterRepeated { parameter: name.into() });
            let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            prop_assert!(row.description.bytes().all(allowed));
        }
    }
}
