//! `POST /oauth/token`: access tokens (RFC 6749 section 3.2).

use std::sync::Arc;

use ::http::HeaderValue;
use ::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use ::http::request::Parts;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;

use super::client_request::ClientRequest;
use super::errors::{Asked, answer};
use super::{Arrival, Http, cross_origin};
use crate::domain::{IssuedToken, Refusal, TokenRequest};

/// Issues a token.
pub(super) async fn issue(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let arrival = match http.arrival(&head).await {
        Ok(arrival) => arrival,
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    let asked = issue_for(&http, &arrival, &head, body).await;
    let (is_open, issued) = asked.unwrap_or_else(|refusal| (false, Err(refusal)));
    let mut response = match issued {
        Ok(token) => success(&token),
        Err(refusal) => {
            let challenge = head.headers.contains_key(AUTHORIZATION);
            answer(&refusal, &Asked { challenge, ..Asked::of(&http, &arrival.tenant) })
        }
    };
    if is_open {
        cross_origin::open(&mut response);
    }
    response
}

type Issued = Result<IssuedToken, Refusal>;

/// What became of it, and whether scripts of every site may read that.
async fn issue_for(http: &Http, arrival: &Arrival, head: &Parts, body: Body) -> Result<(bool, Issued), Refusal> {
    let (asked, authorization) = ClientRequest::read(http, head, body).await?;
    let request = TokenRequest::read(asked.parameters()?, authorization)?;
    let is_open = request.is_of_a_public_client();
    Ok((is_open, http.tokens.issue(request, &arrival.tenant, arrival.source).await))
}

/// RFC 6749 section 5.1, in the order that Auth0 has.
#[derive(Serialize)]
struct Success<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    id_token: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    expires_in: u64,
    token_type: &'a str,
}

fn success(token: &IssuedToken) -> Response {
    let IssuedToken { access_token, token_type, expires_in, scope, refresh_token, id_token } = token;
    let expires_in = expires_in.as_secs();
    let success = Success { access_token, refresh_token, id_token, scope, expires_in, token_type };
    let tokens = access_token.len() + refresh_token.len() + id_token.len();
    let mut json = Vec::with_capacity(tokens + scope.len() + SUCCESS_OVERHEAD);
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
const SUCCESS_OVERHEAD: usize = 128;
