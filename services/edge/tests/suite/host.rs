//! Which tenant answers, and as whom.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use mintage_api::registry::ErrorProfile;
use mintage_chassis::door::Scheme;

use crate::rig::{AUTH0_HOST, FORM, GOOD, RFC_HOST, Rig, request, tenant, token_request};

#[tokio::test]
async fn b22_no_header_but_host_changes_the_issuer_or_an_endpoint() {
    let rig = Rig::start().await;
    let plain = rig.get("/.well-known/openid-configuration").await;
    let forged = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-host", AUTH0_HOST),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "8443"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-server", "evil.example"),
        ("x-original-host", "evil.example"),
        ("x-original-url", "https://evil.example/"),
        ("x-host", "evil.example"),
        ("x-http-host-override", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("auth0-custom-domain", "evil.example"),
    ];
    for (name, value) in forged {
        let asked = request(Method::GET, "/.well-known/openid-configuration", RFC_HOST).header(name, value);
        assert_eq!(rig.send(asked.body(Body::empty()).unwrap()).await, plain, "{name}");
        let asked = request(Method::POST, "/oauth/token", RFC_HOST).header(CONTENT_TYPE, FORM).header(name, value);
        assert_eq!(rig.send(asked.body(GOOD.into()).unwrap()).await.status, StatusCode::OK);
        let sent = rig.tokens.last();
        assert_eq!((sent.tenant_id.as_str(), sent.issuer.as_str()), ("rfc", "https://rfc.example/"), "{name}");
    }
}

#[tokio::test]
async fn b22_an_unregistered_host_learns_nothing() {
    let rig = Rig::start().await;
    let missing = rig.get("/no/such/path").await;
    assert_eq!(missing.error(), (404, "invalid_request".into()));
    for host in ["evil.example", "rfc.example.evil.example", "xrfc.example", "rfc.example:8443", "127.0.0.1", "[::1]"] {
        for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
            let answer = rig.send(request(Method::GET, path, host).body(Body::empty()).unwrap()).await;
            assert_eq!((answer.status, &answer.body), (missing.status, &missing.body), "{host}{path}");
        }
        let answer = rig.send(token_request(host, FORM, GOOD)).await;
        assert_eq!((answer.status, &answer.body), (missing.status, &missing.body), "{host}");
    }
    assert_eq!((rig.tokens.calls(), rig.keys.asked()), (0, 0));
}

#[tokio::test]
async fn b22_the_scheme_of_the_listener_is_part_of_who_is_asked() {
    let rig = Rig::start().await;
    let mut asked = request(Method::GET, "/.well-known/openid-configuration", RFC_HOST).body(Body::empty()).unwrap();
    asked.extensions_mut().insert(Scheme::Http);
    assert_eq!(rig.send(asked).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn b22_two_hosts_no_host_and_a_broken_host_are_refused() {
    let rig = Rig::start().await;
    let two = request(Method::GET, "/.well-known/jwks.json", RFC_HOST).header(HOST, RFC_HOST);
    assert_eq!(rig.send(two.body(Body::empty()).unwrap()).await.error(), (400, "invalid_request".into()));
    for host in ["", "a b", "rfc.example/", "user@rfc.example", "rfc.example:port", "rfc..example"] {
        let asked = request(Method::GET, "/.well-known/jwks.json", host).body(Body::empty()).unwrap();
        assert_eq!(rig.send(asked).await.error(), (400, "invalid_request".into()), "{host:?}");
    }
    let none = Request::builder().uri("/.well-known/jwks.json").extension(Scheme::Https).body(Body::empty()).unwrap();
    assert_eq!(rig.send(none).await.error(), (400, "invalid_request".into()));
    let authority = Request::builder().uri("https://RFC.example/.well-known/jwks.json").extension(Scheme::Https);
    assert_eq!(rig.send(authority.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_warm_tenant_is_not_asked_for_and_neither_is_a_known_absence() {
    let rig = Rig::start().await;
    let absent = || request(Method::GET, "/.well-known/jwks.json", "absent.example").body(Body::empty()).unwrap();
    rig.form(GOOD).await;
    rig.send(absent()).await;
    let before = rig.registry.resolved();
    for _ in 0..20 {
        assert_eq!(rig.form(GOOD).await.status, StatusCode::OK);
        assert_eq!(rig.send(absent()).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(rig.registry.resolved(), before);
}

#[tokio::test]
async fn a_flood_of_unknown_hosts_keeps_no_tenant_out_and_asks_the_registry_only_so_much_at_once() {
    let rig = Rig::start().await;
    rig.form(GOOD).await;
    for _ in 0..2 {
        let asked = (0..20_000).map(|number| {
            let host = format!("flood-{number}.example");
            let request = request(Method::GET, "/.well-known/jwks.json", &host).body(Body::empty()).unwrap();
            rig.send(request)
        });
        let answers = futures::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::NOT_FOUND));
    }
    assert_eq!(rig.registry.most_looking_up.load(Ordering::SeqCst), 32);
    let before = rig.registry.resolved();
    assert_eq!(rig.form(GOOD).await.status, StatusCode::OK);
    assert_eq!(rig.registry.resolved(), before, "the tenant is still known");
}

#[tokio::test]
async fn a_change_of_the_tenant_takes_effect_when_the_feed_tells_it() {
    let rig = Rig::start().await;
    let broken = || token_request(RFC_HOST, FORM, "grant_type=client_credentials");
    let moved = || request(Method::GET, "/.well-known/jwks.json", "moved.example").body(Body::empty()).unwrap();
    assert_eq!(rig.send(broken()).await.json()["error_description"], "the client did not say who it is");
    assert_eq!(rig.send(moved()).await.status, StatusCode::NOT_FOUND);
    rig.registry.write(&tenant("rfc", RFC_HOST, ErrorProfile::Auth0));
    until(async || rig.send(broken()).await.json()["error_description"] == "Missing client_id").await;
    rig.registry.write(&tenant("rfc", "moved.example", ErrorProfile::Rfc));
    until(async || rig.send(moved()).await.status == StatusCode::OK).await;
    assert_eq!(rig.send(broken()).await.status, StatusCode::NOT_FOUND);
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let patient = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), patient).await.expect("the change arrives");
}
