//! The discovery documents.

use axum::body::Body;
use http::header::ORIGIN;
use http::{Method, StatusCode};
use serde_json::json;

use crate::rig::{RFC_HOST, Rig, request};

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
            "token_endpoint": "https://rfc.example/oauth/token",
            "jwks_uri": "https://rfc.example/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        });
        assert_eq!(answer.json(), expected);
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
