//! Requests that come through proxies, trusted and not.

use std::net::IpAddr;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use mintage_chassis::door::Scheme;
use mintage_chassis::source::ClientAddress;
use mintage_edge::Settings;

use crate::rig::{AUTH0_HOST, Answer, FORM, GOOD, RFC_HOST, Rig};

const PROXY: &str = "10.1.2.3";
const STRANGER: &str = "203.0.113.50";
const CLIENT: &str = "198.51.100.7";
const FORWARDED: [(&str, &str); 3] =
    [("x-forwarded-for", CLIENT), ("x-forwarded-proto", "https"), ("x-forwarded-host", RFC_HOST)];

async fn behind_proxies() -> Rig {
    let networks = ["10.1.0.0/16", "fd00:1::/32"].map(|network| network.parse().unwrap());
    Rig::with(Settings { trusted_proxies: networks.into(), ..Settings::default() }).await
}

/// A token request in plain text to the proxy's name for the edge, as `peer` sends it.
fn sent_by(peer: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri("/oauth/token").header(HOST, "edge.internal:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header(CONTENT_TYPE, FORM).extension(Scheme::Http);
    request.extension(ClientAddress(peer.parse().unwrap())).body(GOOD.into()).unwrap()
}

fn source_told(rig: &Rig) -> Option<IpAddr> {
    rig.tokens.last_source()
}

#[tokio::test]
async fn b22_a_trusted_proxy_tells_client_scheme_and_host() {
    let rig = behind_proxies().await;
    for peer in [PROXY, "fd00:1::9"] {
        assert_eq!(rig.send(sent_by(peer, &FORWARDED)).await.status, StatusCode::OK, "{peer}");
        assert_eq!(rig.tokens.last().issuer, "https://rfc.example/");
        assert_eq!(source_told(&rig), Some(CLIENT.parse().unwrap()));
    }
    let elsewhere = FORWARDED.map(|(name, value)| (name, if name == "x-forwarded-host" { AUTH0_HOST } else { value }));
    assert_eq!(rig.send(sent_by(PROXY, &elsewhere)).await.status, StatusCode::OK);
    assert_eq!(rig.tokens.last().issuer, "https://auth0.example/");
}

#[tokio::test]
async fn b22_anyone_elses_forwarding_changes_neither_issuer_nor_source_nor_scheme() {
    let rig = behind_proxies().await;
    for peer in [STRANGER, "10.2.0.1", "fd00:2::9", "127.0.0.1"] {
        assert_eq!(rig.send(sent_by(peer, &FORWARDED)).await.error(), (404, "invalid_request".into()), "{peer}");
        let mut direct = sent_by(peer, &FORWARDED);
        direct.headers_mut().insert(HOST, RFC_HOST.parse().unwrap());
        assert_eq!(rig.send(direct).await.status, StatusCode::NOT_FOUND, "plain text stays plain text");
        let mut direct = sent_by(peer, &[("x-forwarded-proto", "http"), ("x-forwarded-proto", "x"), FORWARDED[0]]);
        direct.headers_mut().insert(HOST, RFC_HOST.parse().unwrap());
        direct.extensions_mut().insert(Scheme::Https);
        assert_eq!(rig.send(direct).await.status, StatusCode::OK, "and is not even read");
        assert_eq!(source_told(&rig), Some(peer.parse().unwrap()));
    }
}

#[tokio::test]
async fn b22_addresses_that_a_client_made_up_do_not_become_its_source() {
    let rig = behind_proxies().await;
    for list in [
        "203.0.113.1, 198.51.100.7",
        "10.1.0.1, 198.51.100.7, 10.1.2.4",
        "127.0.0.1,unknown, ,198.51.100.7,fd00:1::1,10.1.2.4",
        "198.51.100.7:5060",
    ] {
        let headers = [("x-forwarded-for", list), FORWARDED[1], FORWARDED[2]];
        assert_eq!(rig.send(sent_by(PROXY, &headers)).await.status, StatusCode::OK, "{list}");
        assert_eq!(source_told(&rig), Some(CLIENT.parse().unwrap()), "{list}");
    }
}

#[tokio::test]
async fn b22_what_a_trusted_proxy_leaves_out_is_as_the_socket_has_it() {
    let rig = behind_proxies().await;
    let mut request = sent_by(PROXY, &[]);
    request.headers_mut().insert(HOST, RFC_HOST.parse().unwrap());
    request.extensions_mut().insert(Scheme::Https);
    assert_eq!(rig.send(request).await.status, StatusCode::OK);
    assert_eq!(source_told(&rig), Some(PROXY.parse().unwrap()));
}

#[tokio::test]
async fn b22_what_a_trusted_proxy_says_twice_or_unreadably_is_refused() {
    let rig = behind_proxies().await;
    for (name, value) in [
        ("x-forwarded-for", ""),
        ("x-forwarded-for", "unknown"),
        ("x-forwarded-for", "198.51.100.7, x"),
        ("x-forwarded-proto", ""),
        ("x-forwarded-proto", "wss"),
        ("x-forwarded-proto", "https,http"),
        ("x-forwarded-host", ""),
        ("x-forwarded-host", "rfc.example, evil.example"),
        ("x-forwarded-host", "user@rfc.example"),
        ("x-forwarded-host", "rfc.example/path"),
    ] {
        let headers = FORWARDED.map(|pair| if pair.0 == name { (name, value) } else { pair });
        assert_eq!(
            rig.send(sent_by(PROXY, &headers)).await.error(),
            (400, "invalid_request".into()),
            "{name}: {value}"
        );
    }
    for twice in FORWARDED {
        let headers = [FORWARDED.as_slice(), &[twice]].concat();
        let answer = rig.send(sent_by(PROXY, &headers)).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{twice:?}");
        assert!(answer.body.contains(twice.0), "the header is named: {}", answer.body);
    }
    assert_eq!(rig.tokens.calls(), 0);
}

#[tokio::test]
async fn b22_no_other_header_of_a_trusted_proxy_is_read() {
    let rig = behind_proxies().await;
    let answer = |headers: &[(&'static str, &'static str)]| sent_by(PROXY, &[FORWARDED.as_slice(), headers].concat());
    let plain: Answer = rig.send(answer(&[])).await;
    for other in [
        ("forwarded", "for=203.0.113.1;host=auth0.example;proto=http"),
        ("x-real-ip", "203.0.113.1"),
        ("x-client-ip", "203.0.113.1"),
        ("true-client-ip", "203.0.113.1"),
        ("cf-connecting-ip", "203.0.113.1"),
        ("x-forwarded-port", "8443"),
        ("x-forwarded-scheme", "http"),
        ("x-forwarded-ssl", "off"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-server", AUTH0_HOST),
        ("x-original-host", AUTH0_HOST),
        ("x-original-url", "/readyz"),
        ("x-rewrite-url", "/readyz"),
        ("x-http-method-override", "GET"),
        ("x-mintage-source", "203.0.113.1"),
    ] {
        assert_eq!(rig.send(answer(&[other])).await, plain, "{other:?}");
        assert_eq!(rig.tokens.last().issuer, "https://rfc.example/", "{other:?}");
        assert_eq!(source_told(&rig), Some(CLIENT.parse().unwrap()), "{other:?}");
    }
}

#[tokio::test]
async fn b22_the_documents_of_a_tenant_are_found_through_a_proxy_too() {
    let rig = behind_proxies().await;
    let mut asked = sent_by(PROXY, &FORWARDED);
    (*asked.method_mut(), *asked.uri_mut()) = (Method::GET, "/.well-known/openid-configuration".parse().unwrap());
    let answer = rig.send(asked).await;
    assert_eq!(answer.json()["issuer"], "https://rfc.example/");
    assert_eq!(answer.json()["token_endpoint"], "https://rfc.example/oauth/token");
}
