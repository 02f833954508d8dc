//! A suite behind a proxy: limits are the clients' and not the proxy's.

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::door::Scheme;
use mintage_chassis::source::ClientAddress;
use mintage_chassis::{Routes, ServiceName, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_edge::{Doors, Edge, Settings};
use tower::ServiceExt;

use super::rig::{HOST, Known, Rig, token_form};

/// More failures of one client than are heard at once from one source, however slow the machine that runs this.
const MANY: usize = 1000;

#[tokio::test]
async fn b22_b18_failures_behind_a_proxy_count_for_the_client_that_fails_and_for_no_other() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let wrong = Known { client: granted.known.client.clone(), secret: "wrong".to_owned() };
    let audience = &granted.api.identifier;
    let edge = edge_behind(&rig, "10.1.0.0/16");
    let ask = async |known: &Known, list: &str| send(&edge.router, token_form(known, audience), list).await;

    let mut refused = 0;
    while ask(&wrong, &format!("192.0.2.{}, 203.0.113.9, 10.1.0.2", refused % 250)).await == StatusCode::UNAUTHORIZED {
        refused += 1;
        assert!(refused < MANY, "no number of failures is too many");
    }
    let limited = ask(&granted.known, "192.0.2.250, 203.0.113.9, 10.1.0.2").await;
    assert_eq!(limited, StatusCode::TOO_MANY_REQUESTS, "made-up addresses do not help");
    assert_eq!(ask(&granted.known, "203.0.113.10").await, StatusCode::OK, "a neighbour is heard");
}

/// One more edge before the same suite.
fn edge_behind(rig: &Rig, proxies: &str) -> Edge {
    let to = |routes: &Routes| Transport::in_process(ServiceName::EDGE, routes.clone());
    let doors = Doors {
        token: to(&rig.suite.token.routes),
        consent: to(&rig.suite.consent.routes),
        registry: to(&rig.suite.client_registry.routes),
        keys: to(&rig.suite.key_management.routes),
        clock: Clock::System,
        randomness: Randomness::seeded(8),
    };
    let trusted_proxies = vec![proxies.parse().expect("a network")];
    mintage_edge::build(Settings { trusted_proxies, ..Settings::default() }, doors).expect("an edge")
}

async fn send(edge: &Router, form: String, forwarded_for: &str) -> StatusCode {
    let request = Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "edge.internal")
        .header("x-forwarded-host", HOST)
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-for", forwarded_for)
        .extension(Scheme::Http)
        .extension(ClientAddress([10, 1, 0, 1].into()))
        .body(Body::from(form))
        .expect("a request");
    edge.clone().oneshot(request).await.expect("an answer").status()
}
