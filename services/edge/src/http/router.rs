//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::errors::{Asked, answer};
use super::{Http, discovery, health, key_set, token, well_known};
use crate::domain::Refusal;

/// Every route of the edge. Whatever is not here is answered 404, and 405 where the method is another.
pub(crate) fn router(http: Arc<Http>) -> Router {
    Router::new()
        .route("/oauth/token", post(token::issue).fallback(wrong_method))
        .route("/.well-known/openid-configuration", public(get(discovery::show)))
        .route("/.well-known/oauth-authorization-server", public(get(discovery::show)))
        .route("/.well-known/jwks.json", public(get(key_set::show)))
        .route("/healthz", get(health::alive).fallback(wrong_method))
        .route("/readyz", get(health::ready).fallback(wrong_method))
        .fallback(nothing_here)
        .with_state(http)
}

fn public(route: MethodRouter<Arc<Http>>) -> MethodRouter<Arc<Http>> {
    route.options(well_known::preflight).fallback(wrong_method)
}

/// The `Allow` header is the router's (RFC 9110 section 15.5.6).
async fn wrong_method(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match http.tenant_of(&head).await {
        Ok(tenant) => answer(&Refusal::MethodNotAllowed, &Asked::of(&http, &tenant)),
        Err(refusal) => answer(&refusal, &Asked::of_nobody(&http)),
    }
}

async fn nothing_here(State(http): State<Arc<Http>>) -> Response {
    answer(&Refusal::NothingHere, &Asked::of_nobody(&http))
}
