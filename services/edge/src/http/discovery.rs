//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: what the tenant serves
//! (RFC 8414).

use std::sync::Arc;

use ::http::HeaderValue;
use ::http::header::CACHE_CONTROL;
use axum::extract::{Request, State};
use axum::response::Response;
use mintage_oauth::{GrantType, Issuer};
use serde::Serialize;

use super::errors::{Asked, answer};
use super::{Http, well_known};
use crate::domain::Refusal;

/// Shows the metadata of the tenant.
pub(super) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let shown = http.tenant_of(&head).await.and_then(|tenant| json_of(&tenant.issuer));
    let mut response = match shown {
        Ok(json) => well_known::document(json),
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    let caching = format!("public, max-age={}", http.limits.discovery_max_age.as_secs());
    if let Ok(caching) = HeaderValue::try_from(caching) {
        response.headers_mut().insert(CACHE_CONTROL, caching);
    }
    response
}

/// Authorization server metadata (RFC 8414 section 2): only what works.
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    /// Required by RFC 8414; there is no authorization endpoint yet, so it is empty.
    response_types_supported: [&'a str; 0],
    grant_types_supported: &'a [GrantType],
    token_endpoint_auth_methods_supported: [&'a str; 2],
}

fn json_of(issuer: &Issuer) -> Result<Vec<u8>, Refusal> {
    let metadata = Metadata {
        issuer: issuer.as_str(),
        token_endpoint: format!("{issuer}oauth/token"),
        jwks_uri: format!("{issuer}.well-known/jwks.json"),
        response_types_supported: [],
        grant_types_supported: GrantType::ALL,
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    };
    serde_json::to_vec(&metadata).map_err(|error| {
        tracing::error!(%error, "the discovery document could not be written");
        Refusal::Internal
    })
}
