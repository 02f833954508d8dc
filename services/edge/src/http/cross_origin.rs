//! What scripts of other sites may read of the endpoints of clients: what a public client is answered, which has no other
//! authority than what stands in its request.

use ::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ALLOW,
};
use ::http::{HeaderValue, StatusCode};
use axum::body::Body;
use axum::response::Response;

/// Lets scripts of every site read the answer. No cookie is looked at here, and with `*` no browser shows one; whoever has
/// the code and its verifier, or the refresh token, could send them from anywhere.
pub(super) fn open(response: &mut Response) {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// Answers a CORS preflight. Neither `Authorization` nor anything else that proves a client may come from a script.
pub(super) async fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    open(&mut response);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("POST,OPTIONS"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

/// A body of JSON, and by what Auth0's libraries tell their version, which is passed over.
const HEADERS: &str = "Content-Type, Auth0-Client";
