//! Which path leads where, and for whom: the router is made of the table, so that no path leads anywhere without a row.

use std::sync::Arc;

use ::http::header::ALLOW;
use ::http::{HeaderValue, StatusCode};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::errors::{Asked, answer};
use super::pages::{applications, assets, consent, glance, is_seen, logout, nothing, sign_in, switch_user};
use super::{
    Http, authorize, cross_origin, discovery, health, key_set, register, revoke, token, user_info, well_known,
};
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
    /// A client that the request proves itself to be; a public one from scripts of every site too (CORS).
    Client,
    /// A person's browser, and no script of another site; what it does, it does by its cookies and a token of the page.
    Browser,
    /// Whoever holds the token that the request shows, scripts of every site too (CORS).
    BearerOfToken,
    /// Whoever the tenant lets register: anyone, or a bearer of a token.
    Registrant,
}

/// Every route of the edge. Whatever is not here is answered 404, and 405 where the method is another.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/oauth/token",
        methods: "POST,OPTIONS",
        visitor: Visitor::Client,
        purpose: "Issues an access token (RFC 6749 section 3.2).",
        leads: || post(token::issue).options(cross_origin::preflight),
    },
    Route {
        path: "/oauth/revoke",
        methods: "POST,OPTIONS",
        visitor: Visitor::Client,
        purpose: "Ends a refresh token (RFC 7009).",
        leads: || post(revoke::revoke).options(cross_origin::preflight),
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
        path: "/authorize",
        methods: "GET,POST",
        visitor: Visitor::Browser,
        purpose: "Takes what a client asks of a user (RFC 6749 section 3.1).",
        // What a GET would answer is not known before the request has begun, which a look must not do.
        leads: || get(authorize::take).head(wrong_method).post(authorize::take_form),
    },
    Route {
        path: "/u/sign-in",
        methods: PAGE,
        visitor: Visitor::Browser,
        purpose: "Asks who the user is.",
        leads: || get(sign_in::show).post(sign_in::take),
    },
    Route {
        path: "/u/consent",
        methods: PAGE,
        visitor: Visitor::Browser,
        purpose: "Asks whether the user agrees.",
        leads: || get(consent::show).post(consent::take),
    },
    Route {
        path: "/u/switch-user",
        methods: "POST",
        visitor: Visitor::Browser,
        purpose: "Asks again who the user is.",
        leads: || post(switch_user::take),
    },
    Route {
        path: "/u/applications",
        methods: PROBE,
        visitor: Visitor::Browser,
        purpose: "Shows which applications act for the user.",
        leads: || get(applications::show).head(glance),
    },
    Route {
        path: "/u/applications/revoke",
        methods: "POST",
        visitor: Visitor::Browser,
        purpose: "Takes access away from one.",
        leads: || post(applications::revoke),
    },
    Route {
        path: "/u/assets/{file}",
        methods: PROBE,
        visitor: Visitor::Anyone,
        purpose: "How the pages look.",
        leads: || get(assets::show),
    },
    Route {
        path: "/oidc/logout",
        methods: PAGE,
        visitor: Visitor::Browser,
        purpose: "Ends the session (OpenID Connect RP-Initiated Logout 1.0).",
        leads: || get(logout::ask).head(glance).post(logout::take),
    },
    Route {
        path: "/userinfo",
        methods: "GET,HEAD,POST,OPTIONS",
        visitor: Visitor::BearerOfToken,
        purpose: "Tells of the user of an access token (OpenID Connect Core 1.0 section 5.3).",
        leads: || get(user_info::tell).post(user_info::tell).options(user_info::preflight),
    },
    Route {
        path: "/oidc/register",
        methods: "POST",
        visitor: Visitor::Registrant,
        purpose: "Registers a client (RFC 7591 section 3).",
        leads: || post(register::register),
    },
    Route {
        path: "/oidc/register/{client_id}",
        methods: "GET,HEAD,PUT,DELETE",
        visitor: Visitor::Registrant,
        purpose: "Shows, replaces and deletes a registration (RFC 7592).",
        leads: || get(register::show).put(register::replace).delete(register::delete),
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

/// With the `Allow` header of the row (RFC 9110 section 15.5.6).
async fn wrong_method(State(http): State<Arc<Http>>, request: Request) -> Response {
    let allowed = route_at(request.uri().path()).map(|route| HeaderValue::from_static(route.methods));
    let mut response = if is_seen(&request) {
        nothing(http, request, Refusal::MethodNotAllowed).await
    } else {
        let (head, _) = request.into_parts();
        match http.tenant_of(&head).await {
            Ok(tenant) => answer(&Refusal::MethodNotAllowed, &Asked::of(&http, &tenant)),
            Err(refusal) => answer(&refusal, &Asked::of_nobody(&http)),
        }
    };
    if let Some(allowed) = allowed.filter(|_| response.status() == StatusCode::METHOD_NOT_ALLOWED) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

async fn nothing_here(State(http): State<Arc<Http>>, request: Request) -> Response {
    if is_seen(&request) {
        return nothing(http, request, Refusal::NothingHere).await;
    }
    answer(&Refusal::NothingHere, &Asked::of_nobody(&http))
}

/// The route at `path`: a last segment in braces stands for any one.
pub(super) fn route_at(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| match route.path.split_once('{') {
        Some((stem, _)) => path.strip_prefix(stem).is_some_and(|last| !last.is_empty() && !last.contains('/')),
        None => route.path == path,
    })
}

const PUBLIC: &str = "GET,HEAD,OPTIONS";
const PROBE: &str = "GET,HEAD";
const PAGE: &str = "GET,HEAD,POST";
