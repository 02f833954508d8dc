//! Probes, and what is not there.

use axum::body::Body;
use http::{Method, StatusCode};
use std::time::Duration;

use crate::rig::{Rig, request};

#[tokio::test]
async fn the_process_is_alive_and_ready_whatever_host_is_asked() {
    let rig = Rig::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = rig.send(request(Method::GET, path, "10.1.2.3:8080").body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, Some("no-store")));
    }
}

#[tokio::test]
async fn a_short_silence_of_the_registry_is_borne_and_a_long_one_is_not() {
    let rig = Rig::start().await;
    rig.clock.advance(Duration::from_secs(10));
    assert_eq!(rig.get("/readyz").await.status, StatusCode::OK);
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(rig.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn there_is_nothing_anywhere_else() {
    let rig = Rig::start().await;
    for path in [
        "/",
        "/oauth",
        "/oauth/token/",
        "/oauth/Token",
        "/.well-known",
        "/metrics",
        "/debug",
        "//oauth/token",
        "/%6Fauth/token",
    ] {
        let answer = rig.get(path).await;
        assert_eq!(answer.error(), (404, "invalid_request".into()), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}
