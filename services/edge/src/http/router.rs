//! Which path leads where, and for whom: the router is made of the table, so that no path leads anywhere without a row.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::errors::{Asked, answer};
use super::{Http, discovery, health, key_set, token, well_known};
use crate::domain::Refusal;

/// A way in, with who may use it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// What is asked for, exactly.
    pub path: &'static str,
    /// How, as `Allow` says it (RFC 9110 section 10.2.1).
    pub methods: &'static str,
    /// Who may.
    pub visitor: Visitor,
    /// What it answers.
    pub purpose: &'static str,
    leads: fn() -> MethodRouter<Arc<Http>>,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Anyone; what is answered is no secret.
    Anyone,
    /// Anyone, and scripts of every site too (CORS).
    AnySite,
    /// A client that the request proves itself to be.
    Client,
}

/// Every route of the edge. Whatever is not here is answered 404, and 405 where the method is another.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/oauth/token",
        methods: "POST",
        visitor: Visitor::Client,
        purpose: "Issues an access token (RFC 6749 section 3.2).",
        leads: || post(token::issue),
    },
    Route {
        path: "/.well-known/openid-configuration",
        methods: PUBLIC,
        visitor: Visitor::AnySite,
        purpose: "What the tenant serves (OpenID Connect Discovery 1.0 section 4).",
        leads: || public(get(discovery::show)),
    },
    Route {
        path: "/.well-known/oauth-authorization-server",
        methods: PUBLIC,
        visitor: Visitor::AnySite,
        purpose: "What the tenant serves (RFC 8414).",
        leads: || public(get(discovery::show)),
    },
    Route {
        path: "/.well-known/jwks.json",
        methods: PUBLIC,
        visitor: Visitor::AnySite,
        purpose: "The public keys that the tenant's tokens are verified by (RFC 7517 section 5).",
        leads: || public(get(key_set::show)),
    },
    Route {
        path: "/healthz",
        methods: PROBE,
        visitor: Visitor::Anyone,
        purpose: "Says that the process answers.",
        leads: || get(health::alive),
    },
    Route {
        path: "/readyz",
        methods: PROBE,
        visitor: Visitor::Anyone,
        purpose: "Says whether requests should come here.",
        leads: || get(health::ready),
    },
];

/// The router of the table.
pub(crate) fn router(http: Arc<Http>) -> Router {
    let routes = ROUTES
        .iter()
        .fold(Router::new(), |router, route| router.route(route.path, (route.leads)().fallback(wrong_method)));
    routes.fallback(nothing_here).with_state(http)
}

fn public(route: MethodRouter<Arc<Http>>) -> MethodRouter<Arc<Http>> {
    route.options(well_known::preflight)
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

const PUBLIC: &str = "GET,HEAD,OPTIONS";
const PROBE: &str = "GET,HEAD";
