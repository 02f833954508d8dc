//! A bearer token, in the header alone (RFC 6750 section 2.1): what stands in an address ends in logs.

use ::http::HeaderValue;
use ::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use ::http::request::Parts;
use axum::response::Response;

use super::form;
use crate::domain::Refusal;

/// The token of a request; `None` when it shows none.
///
/// # Errors
/// When it shows two, one in the query, or what is no bearer token.
pub(super) fn token(head: &Parts) -> Result<Option<String>, Refusal> {
    let query = head.uri.query().unwrap_or_default().as_bytes();
    if form::pairs(query).any(|pair| pair.is_ok_and(|(name, _)| name == PARAMETER)) {
        return Err(Refusal::ParameterInQuery { parameter: PARAMETER });
    }
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => read(value).map(Some).ok_or(Refusal::Unauthenticated),
        (Some(_), Some(_)) => Err(Refusal::ParameterRepeated { parameter: AUTHORIZATION.as_str().into() }),
    }
}

/// Says how to come back (RFC 6750 section 3): without an error to whoever showed no token.
pub(super) fn challenge(response: &mut Response, refusal: &Refusal, shown: bool) {
    let value = match refusal {
        Refusal::Unauthenticated | Refusal::RegistrationRefused if !shown => BARE,
        Refusal::Unauthenticated | Refusal::RegistrationRefused => INVALID,
        Refusal::InsufficientScope { .. } => INSUFFICIENT,
        _ => return,
    };
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
}

fn read(value: &HeaderValue) -> Option<String> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let is_token = (1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(allowed);
    (scheme.eq_ignore_ascii_case("Bearer") && is_token).then(|| token.to_owned())
}

const PARAMETER: &str = "access_token";
const BARE: &str = "Bearer realm=\"oauth\"";
const INVALID: &str = "Bearer realm=\"oauth\", error=\"invalid_token\"";
const INSUFFICIENT: &str = "Bearer realm=\"oauth\", error=\"insufficient_scope\", scope=\"openid\"";
/// As long as a header may be that a door lets in.
const MAX_TOKEN: usize = 16 << 10;
