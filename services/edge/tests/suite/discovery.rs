//! The discovery documents.

use std::time::Duration;

use axum::body::Body;
use http::header::ORIGIN;
use http::{Method, StatusCode};
use mintage_api::registry::{DynamicRegistration, ErrorProfile};
use mintage_edge::http::ROUTES;
use serde_json::json;
use tokio::time::timeout;

use crate::rig::{RFC_HOST, Rig, request, tenant};

const PATHS: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

#[tokio::test]
async fn both_documents_list_what_works_and_nothing_else() {
    let rig = Rig::start().await;
    for path in PATHS {
        let answer = rig.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let expected = json!({
            "issuer": "https://rfc.example/",
            "authorization_endpoint": "https://rfc.example/authorize",
            "token_endpoint": "https://rfc.example/oauth/token",
            "userinfo_endpoint": "https://rfc.example/userinfo",
            "jwks_uri": "https://rfc.example/.well-known/jwks.json",
            "revocation_endpoint": "https://rfc.example/oauth/revoke",
            "end_session_endpoint": "https://rfc.example/oidc/logout",
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash", "sid", "name",
                "updated_at", "email", "email_verified",
            ],
            "prompt_values_supported": ["none", "login", "consent"],
            "ui_locales_supported": ["en", "de"],
            "authorization_response_iss_parameter_supported": true,
            "request_uri_parameter_supported": false,
        });
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn every_endpoint_that_is_named_is_a_route() {
    let rig = Rig::start().await;
    let document = rig.get(PATHS[0]).await.json();
    let named = document.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint"));
    let paths = named.map(|(_, address)| address.as_str().unwrap().strip_prefix("https://rfc.example").unwrap());
    for path in paths.chain(["/oidc/register"]) {
        assert!(ROUTES.iter().any(|route| route.path == path), "{path}");
    }
}

#[tokio::test]
async fn the_registration_endpoint_is_named_where_somebody_may_register() {
    let rig = Rig::start().await;
    for (registration, named) in [
        (DynamicRegistration::Open, json!("https://reg.example/oidc/register")),
        (DynamicRegistration::WithToken, json!("https://reg.example/oidc/register")),
        (DynamicRegistration::Off, json!(null)),
        (DynamicRegistration::Unspecified, json!(null)),
    ] {
        let mut tenant = tenant("reg", "reg.example", ErrorProfile::Rfc);
        tenant.set_dynamic_registration(registration);
        rig.registry.write(&tenant);
        let shown = async {
            let asked = || request(Method::GET, PATHS[0], "reg.example").body(Body::empty()).unwrap();
            while rig.send(asked()).await.json()["registration_endpoint"] != named {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), shown).await.expect("the change is heard");
    }
}

#[tokio::test]
async fn pages_of_every_origin_may_read_the_documents() {
    let rig = Rig::start().await;
    for path in PATHS {
        let asked = request(Method::GET, path, RFC_HOST).header(ORIGIN, "https://spa.example");
        let answer = rig.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let preflight = rig.send(request(Method::OPTIONS, path, RFC_HOST).body(Body::empty()).unwrap()).await;
        assert_eq!(preflight.status, StatusCode::NO_CONTENT);
        assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
        assert_eq!(preflight.header("access-control-allow-methods"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn head_has_the_headers_alone_and_other_methods_are_refused() {
    let rig = Rig::start().await;
    for path in PATHS {
        let head = rig.send(request(Method::HEAD, path, RFC_HOST).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
        let post = rig.send(request(Method::POST, path, RFC_HOST).body(Body::empty()).unwrap()).await;
        assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(post.header("allow"), Some("GET,HEAD,OPTIONS"));
    }
}
