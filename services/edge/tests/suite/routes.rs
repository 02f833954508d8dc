//! The table of routes is what the router does.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Method, StatusCode};
use mintage_edge::http::ROUTES;

use crate::rig::{RFC_HOST, Rig, request};

#[tokio::test]
async fn every_route_takes_the_methods_of_its_row_and_no_others() {
    let rig = Rig::start().await;
    for route in ROUTES {
        let asked = request(Method::PATCH, route.path, RFC_HOST).body(Body::empty()).unwrap();
        let answer = rig.send(asked).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{}", route.path);
        assert_eq!(answer.header("allow"), Some(route.methods), "{}", route.path);
        // Of a file that there is not, it says so.
        for method in route.methods.split(',').filter(|_| !route.path.starts_with("/u/assets/")) {
            let asked = request(method.parse().unwrap(), route.path, RFC_HOST).body(Body::empty()).unwrap();
            let status = rig.send(asked).await.status;
            assert!(![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status), "{}", route.path);
        }
    }
}

#[tokio::test]
async fn no_path_leads_anywhere_that_has_no_row() {
    let rig = Rig::start().await;
    let mut rows: Vec<_> = ROUTES.iter().map(|route| route.path.to_owned()).collect();
    rows.sort();
    assert_eq!(paths(&rig.router), rows);
    let planted = rig.router.clone().route("/backdoor", get(async || "open"));
    assert!(paths(&planted).contains(&"/backdoor".to_owned()), "a route beside the table is seen");
}

/// Every path that a router knows, sorted. It tells them nowhere but in its `Debug`.
fn paths(router: &Router) -> Vec<String> {
    let shown = format!("{router:?}");
    let quoted = shown.split('"').skip(1).step_by(2);
    let mut paths: Vec<_> = quoted.filter(|text| text.starts_with('/') && !FALLBACK.contains(text)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(str::to_owned).collect()
}

/// Where axum keeps what answers everything else.
const FALLBACK: [&str; 2] = ["/", "/{*__private__axum_fallback}"];
