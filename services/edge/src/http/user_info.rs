//! `GET` and `POST /userinfo`: what an access token tells of its user (OpenID Connect Core 1.0 section 5.3).

use std::sync::Arc;

use ::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL,
};
use ::http::request::Parts;
use ::http::{HeaderValue, StatusCode};
use axum::extract::{Request, State};
use axum::response::Response;
use mintage_clock::Timestamp;
use serde::Serialize;

use super::errors::{Asked, answer};
use super::{Http, bearer, well_known};
use crate::domain::{Refusal, UserInfo};

/// Tells it.
pub(super) async fn tell(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let mut response = match told(&http, &head).await {
        Ok(response) => response,
        Err((refusal, shown)) => {
            let mut response = answer(&refusal, &Asked::of_nobody(&http));
            bearer::challenge(&mut response, &refusal, shown);
            response
        }
    };
    allow_scripts(&mut response);
    response
}

/// Answers a CORS preflight: scripts of every site may ask, since a browser adds nothing of its own to the token.
pub(super) async fn preflight() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    allow_scripts(&mut response);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn allow_scripts(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
}

/// What is told, or why not and whether a token was shown.
async fn told(http: &Http, head: &Parts) -> Result<Response, (Refusal, bool)> {
    let tenant = http.tenant_of(head).await.map_err(|refusal| (refusal, false))?;
    let token = bearer::token(head).map_err(|refusal| (refusal, true))?;
    let token = token.ok_or((Refusal::Unauthenticated, false))?;
    let told = http.sessions.user_info(&tenant, token).await.map_err(|refusal| (refusal, true))?;
    let UserInfo { user_id: sub, name, email, email_verified, updated_at } = told;
    let updated_at = updated_at.map(Timestamp::unix_seconds);
    let json = serde_json::to_vec(&Claims { sub, name, email, email_verified, updated_at });
    let json = json.map_err(|error| {
        tracing::error!(%error, "the claims of a user could not be written");
        (Refusal::Internal, true)
    })?;
    let mut response = well_known::document(json);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// OpenID Connect Core 1.0 section 5.1.
#[derive(Serialize)]
struct Claims {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
}
