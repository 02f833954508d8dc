//! The one table of OAuth errors: what each refusal looks like over HTTP, in each of the two customs.
//!
//! `rfc` has a row for every refusal, `auth0` for those that it answers otherwise.

mod auth0;
mod rfc;

use std::borrow::Cow;
use std::time::Duration;

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderName, HeaderValue, StatusCode};
use axum::body::Body;
use axum::response::Response;
use mintage_chassis::telemetry;
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
    telemetry::note(|facts| facts.error(row.code.as_str()));
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
    }
    if let (
        ErrorProfile::Auth0,
        Refusal::TooManyAttempts { retry_after, limit } | Refusal::TooManyRequests { retry_after, limit },
    ) = (asked.profile, refusal)
    {
        headers.insert(RATE_LIMIT, HeaderValue::from(*limit));
        headers.insert(RATE_LIMIT_REMAINING, HeaderValue::from_static("0"));
        headers.insert(RATE_LIMIT_RESET, HeaderValue::from((asked.now + *retry_after).unix_seconds()));
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
            ErrorProfile::Rfc => rfc::row(refusal),
            ErrorProfile::Auth0 => auth0::row(refusal).unwrap_or_else(|| rfc::row(refusal)),
        }
    }

    fn json(&self) -> Vec<u8> {
        let Self { status: _, code, description, uri } = self;
        let json = Json { error: *code, error_description: description, error_uri: *uri };
        serde_json::to_vec(&json).unwrap_or_default()
    }
}

/// When to come back, where a refusal says.
pub(super) const fn retry_after(refusal: &Refusal) -> Option<Duration> {
    match refusal {
        Refusal::TooManyAttempts { retry_after, .. }
        | Refusal::TooManyRequests { retry_after, .. }
        | Refusal::TemporarilyUnavailable { retry_after } => Some(*retry_after),
        _ => None,
    }
}

const CHALLENGE: &str = "Basic realm=\"oauth\", charset=\"UTF-8\"";
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
