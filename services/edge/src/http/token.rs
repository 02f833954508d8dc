//! `POST /oauth/token`: access tokens (RFC 6749 section 3.2).

use std::sync::Arc;

use ::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use ::http::request::Parts;
use ::http::{HeaderMap, HeaderValue};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;

use super::errors::{Asked, answer};
use super::media_type::MediaType;
use super::{Arrival, Http, basic, body, form, json, query};
use crate::domain::{Authorization, IssuedToken, Refusal, TokenRequest};

/// Issues a token.
pub(super) async fn issue(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let arrival = match http.arrival(&head).await {
        Ok(arrival) => arrival,
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    match issue_for(&http, &arrival, &head, body).await {
        Ok(token) => success(&token),
        Err(refusal) => {
            let challenge = head.headers.contains_key(AUTHORIZATION);
            answer(&refusal, &Asked { challenge, ..Asked::of(&http, &arrival.tenant) })
        }
    }
}

async fn issue_for(http: &Http, arrival: &Arrival, head: &Parts, body: Body) -> Result<IssuedToken, Refusal> {
    query::expect_no_parameter(head.uri.query().unwrap_or_default())?;
    let media_type = MediaType::of(&head.headers)?;
    let authorization = authorization(&head.headers)?;
    let bytes = body::read(&head.headers, body, http.limits.max_body_bytes, http.limits.body_timeout).await?;
    let parameters = match media_type {
        MediaType::Form => form::parse(&bytes)?,
        MediaType::Json => json::parse(&bytes)?,
    };
    let request = TokenRequest::read(parameters, authorization)?;
    http.tokens.issue(request, &arrival.tenant, arrival.source).await
}

fn authorization(headers: &HeaderMap) -> Result<Authorization<'static>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(Authorization::Absent),
        (Some(value), None) => Ok(basic::parse(value.as_bytes())),
        (Some(_), Some(_)) => Err(Refusal::ClientAuthenticationAmbiguous),
    }
}

/// RFC 6749 section 5.1, in the order that Auth0 has.
#[derive(Serialize)]
struct Success<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    expires_in: u64,
    token_type: &'a str,
}

fn success(token: &IssuedToken) -> Response {
    let IssuedToken { access_token, token_type, expires_in, scope } = token;
    let success = Success { access_token, scope, expires_in: expires_in.as_secs(), token_type };
    let mut json = Vec::with_capacity(access_token.len() + scope.len() + SUCCESS_OVERHEAD);
    if let Err(error) = serde_json::to_writer(&mut json, &success) {
        tracing::error!(%error, "a token response could not be written");
    }
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Names, quotes and numbers of a token response.
const SUCCESS_OVERHEAD: usize = 96;
