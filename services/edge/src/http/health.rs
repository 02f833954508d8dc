//! `GET /healthz` and `/readyz`: what an orchestrator asks.

use std::sync::Arc;

use ::http::header::CACHE_CONTROL;
use ::http::{HeaderValue, StatusCode};
use axum::extract::State;
use axum::response::Response;

use super::Http;

/// The process answers.
pub(super) async fn alive() -> Response {
    plain(StatusCode::OK, "alive")
}

/// The process can serve now. The door for probes bears a short want besides.
pub(super) async fn ready(State(http): State<Arc<Http>>) -> Response {
    match http.heard.check().await {
        Ok(()) => plain(StatusCode::OK, "ready"),
        Err(missing) => plain(StatusCode::SERVICE_UNAVAILABLE, missing),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(format!("{text}\n").into());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
