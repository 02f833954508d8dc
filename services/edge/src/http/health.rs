//! `GET /healthz` and `/readyz`: what an orchestrator asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::header::CACHE_CONTROL;
use ::http::{HeaderValue, StatusCode};
use axum::extract::State;
use axum::response::Response;
use mintage_chassis::feed::{self, Freshness};

use super::Http;

/// Whether requests should come here.
#[derive(Debug)]
pub(crate) struct Readiness {
    freshness: Freshness,
    heard_once: AtomicBool,
}

impl Readiness {
    /// Ready as long as what the registry last said may be used.
    pub(crate) const fn new(freshness: Freshness) -> Self {
        Self { freshness, heard_once: AtomicBool::new(false) }
    }

    /// Before the registry was heard for the first time nothing is ready; a short silence later is borne.
    fn is_ready(&self) -> bool {
        match self.freshness.state() {
            feed::State::Fresh => {
                self.heard_once.store(true, Ordering::Relaxed);
                true
            }
            feed::State::Suspect => self.heard_once.load(Ordering::Relaxed),
            feed::State::Stale => false,
        }
    }
}

/// The process answers.
pub(super) async fn alive() -> Response {
    plain(StatusCode::OK, "alive\n")
}

/// The process can serve.
pub(super) async fn ready(State(http): State<Arc<Http>>) -> Response {
    if http.readiness.is_ready() {
        plain(StatusCode::OK, "ready\n")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "the registry was not heard lately\n")
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
