//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: what the tenant serves
//! (RFC 8414).

use std::sync::Arc;

use ::http::HeaderValue;
use ::http::header::CACHE_CONTROL;
use axum::extract::{Request, State};
use axum::response::Response;
use mintage_oauth::{GrantType, openid};
use serde::Serialize;

use super::errors::{Asked, answer};
use super::{Http, well_known};
use crate::domain::{Language, Refusal, Tenant};

/// Shows the metadata of the tenant.
pub(super) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let shown = http.tenant_of(&head).await.and_then(|tenant| json_of(&tenant));
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

/// Authorization server metadata (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3): only what works, and for
/// every client that may do it at all. What one of them has by a dangerous flag alone is not advertised.
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    /// Absent where nobody may register.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    revocation_endpoint: String,
    end_session_endpoint: String,
    scopes_supported: &'a [&'a str],
    response_types_supported: &'a [&'a str],
    response_modes_supported: &'a [&'a str],
    grant_types_supported: &'a [GrantType],
    code_challenge_methods_supported: &'a [&'a str],
    subject_types_supported: &'a [&'a str],
    id_token_signing_alg_values_supported: &'a [&'a str],
    token_endpoint_auth_methods_supported: &'a [&'a str],
    revocation_endpoint_auth_methods_supported: &'a [&'a str],
    claims_supported: &'a [&'a str],
    prompt_values_supported: &'a [&'a str],
    ui_locales_supported: &'a [&'a str],
    authorization_response_iss_parameter_supported: bool,
    /// Supported unless it is said otherwise.
    request_uri_parameter_supported: bool,
}

fn json_of(tenant: &Tenant) -> Result<Vec<u8>, Refusal> {
    let issuer = &tenant.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let metadata = Metadata {
        issuer: issuer.as_str(),
        authorization_endpoint: at("authorize"),
        token_endpoint: at("oauth/token"),
        userinfo_endpoint: at("userinfo"),
        jwks_uri: at(".well-known/jwks.json"),
        registration_endpoint: tenant.registers_clients.then(|| at("oidc/register")),
        revocation_endpoint: at("oauth/revoke"),
        end_session_endpoint: at("oidc/logout"),
        scopes_supported: &[openid::OPENID, openid::PROFILE, openid::EMAIL, openid::OFFLINE_ACCESS],
        response_types_supported: &["code"],
        response_modes_supported: &["query", "fragment", "form_post"],
        grant_types_supported: GrantType::REGISTRABLE,
        code_challenge_methods_supported: &["S256"],
        subject_types_supported: &["public"],
        id_token_signing_alg_values_supported: &["RS256", "ES256"],
        token_endpoint_auth_methods_supported: AUTH_METHODS,
        revocation_endpoint_auth_methods_supported: AUTH_METHODS,
        claims_supported: CLAIMS,
        prompt_values_supported: &["none", "login", "consent"],
        ui_locales_supported: &Language::ALL.map(|(tag, _)| tag),
        authorization_response_iss_parameter_supported: true,
        request_uri_parameter_supported: false,
    };
    serde_json::to_vec(&metadata).map_err(|error| {
        tracing::error!(%error, "the discovery document could not be written");
        Refusal::Internal
    })
}

const AUTH_METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "none"];

const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "at_hash",
    "c_hash",
    "sid",
    "name",
    "updated_at",
    "email",
    "email_verified",
];
