//! `/metrics`, in the text format of Prometheus.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use prometheus::{Encoder, Registry, TextEncoder};

/// The route, where there is something to show.
pub(super) fn router(registry: Option<Registry>) -> Router {
    match registry {
        None => Router::new(),
        Some(registry) => Router::new().route("/metrics", get(move || std::future::ready(page(&registry)))),
    }
}

fn page(registry: &Registry) -> Response {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    match encoder.encode(&registry.gather(), &mut text) {
        Ok(()) => {
            let kind = encoder.format_type().to_owned();
            ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store".to_owned())], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
