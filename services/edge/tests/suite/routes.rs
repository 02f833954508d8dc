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
        for method in METHODS.into_iter().filter(|method| !route.methods.split(',').any(|taken| taken == *method)) {
            let asked = request(method.parse().unwrap(), route.path, RFC_HOST).body(Body::empty()).unwrap();
            let answer = rig.send(asked).await;
            let refused = (StatusCode::METHOD_NOT_ALLOWED, Some(route.methods));
            assert_eq!((answer.status, answer.header("allow")), refused, "{method} {}", route.path);
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

#[tokio::test]
async fn a_person_who_looks_where_there_is_no_page_sees_one_that_says_so_and_a_client_reads_json() {
    let rig = Rig::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (method, path, status) in [
        (Method::GET, "/", 404),
        (Method::GET, "/u", 404),
        (Method::GET, "/u/nothing", 404),
        (Method::GET, "/u/switch-user", 405),
        (Method::GET, "/u/applications/revoke", 405),
        (Method::PUT, "/authorize", 405),
    ] {
        let asked = |accept: &str| {
            let asked = request(method.clone(), path, RFC_HOST).header("accept", accept);
            asked.header("accept-language", "de").body(Body::empty()).unwrap()
        };
        let seen = rig.send(asked(browser)).await;
        assert_eq!((seen.status.as_u16(), seen.header("content-type")), (status, Some("text/html; charset=utf-8")));
        assert!(seen.body.contains("<h1>Hier ist keine Seite</h1>"), "{path}: {}", seen.body);
        assert!(seen.header("content-security-policy").is_some() && seen.header("allow").is_some() == (status == 405));
        for accept in ["*/*", "application/json", "application/json, text/plain;x=text/html"] {
            let read = rig.send(asked(accept)).await;
            assert_eq!(read.error(), (status, "invalid_request".into()), "{path} {accept}");
        }
    }
    for path in ["/nothing", "/oauth/token", "/oauth/nothing"] {
        let asked = request(Method::GET, path, RFC_HOST).header("accept", browser).body(Body::empty()).unwrap();
        assert_eq!(rig.send(asked).await.header("content-type"), Some("application/json"), "{path}");
    }
    let nobody = request(Method::GET, "/", "nobody.example").header("accept", browser).body(Body::empty()).unwrap();
    assert_eq!(rig.send(nobody).await.error(), (404, "invalid_request".into()));
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Where axum keeps what answers everything else.
const FALLBACK: [&str; 2] = ["/", "/{*__private__axum_fallback}"];
