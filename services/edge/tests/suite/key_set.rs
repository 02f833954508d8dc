//! `GET /.well-known/jwks.json`.

use std::time::Duration;

use axum::body::Body;
use http::header::IF_NONE_MATCH;
use http::{Method, Request, StatusCode};
use mintage_api::keys::{GetKeySetResponse, PublicKey};
use mintage_clock::Randomness;
use mintage_jose::{Algorithm, JwkSet, PrivateKey};
use serde_json::Value;
use tonic::Status;

use crate::rig::{AUTH0_HOST, CUSTOM_HOST, OTHER_CUSTOM_HOST, RFC_HOST, Rig, key_set, request};

const PATH: &str = "/.well-known/jwks.json";

fn with_tag(tag: &str) -> Request<Body> {
    request(Method::GET, PATH, RFC_HOST).header(IF_NONE_MATCH, tag).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_key_set_is_served_with_its_age_its_tag_and_to_everyone() {
    let rig = Rig::start().await;
    let answer = rig.get(PATH).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=15, stale-if-error=300"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let served: JwkSet = answer.body.parse().unwrap();
    let kids: Vec<_> = served.keys.iter().map(|key| key.kid().to_string()).collect();
    assert_eq!(kids, key_set(7).keys.into_iter().map(|key| key.kid).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_verifier_that_has_the_set_is_not_sent_it_again() {
    let rig = Rig::start().await;
    let tag = rig.get(PATH).await.header("etag").unwrap().to_owned();
    let same = rig.send(with_tag(&tag)).await;
    assert_eq!((same.status, same.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(same.header("etag"), Some(tag.as_str()));
    assert_eq!(same.header("cache-control"), Some("public, max-age=15, stale-if-error=300"));
    assert_eq!(same.header("access-control-allow-origin"), Some("*"));
    assert_eq!(rig.send(with_tag("\"other\"")).await.status, StatusCode::OK);
    *rig.keys.answer.lock().unwrap() = Ok(key_set(8));
    rig.clock.advance(Duration::from_secs(1));
    let changed = rig.send(with_tag(&tag)).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
}

#[tokio::test]
async fn a_set_is_asked_for_once_in_a_moment_and_tenant_however_many_want_it() {
    let rig = Rig::start().await;
    futures::future::join_all((0..100).map(|_| rig.get(PATH))).await;
    assert_eq!(rig.keys.asked(), 1);
    rig.send(request(Method::GET, PATH, AUTH0_HOST).body(Body::empty()).unwrap()).await;
    assert_eq!(rig.keys.asked(), 2);
    rig.clock.advance(Duration::from_secs(1));
    futures::future::join_all((0..100).map(|_| rig.get(PATH))).await;
    assert_eq!(rig.keys.asked(), 3);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let rig = Rig::start().await;
    *rig.keys.answer.lock().unwrap() = Err(Status::unavailable("down"));
    let answer = rig.get(PATH).await;
    assert_eq!(answer.error(), (503, "temporarily_unavailable".into()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    *rig.keys.answer.lock().unwrap() = Ok(key_set(7));
    assert_eq!(rig.get(PATH).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_certificate_is_served_beside_its_key_and_not_beside_another() {
    let rig = Rig::start().await;
    let jwks = [Algorithm::Es384, Algorithm::Ps256].map(|algorithm| {
        let key = PrivateKey::generate(algorithm, &Randomness::seeded(3)).unwrap();
        key.certified_jwk(rig.clock.now(), &Randomness::seeded(3)).unwrap().unwrap().to_string()
    });
    let set = |jwks: [String; 2]| {
        let keys = jwks.map(|jwk| PublicKey { jwk, ..PublicKey::default() });
        GetKeySetResponse { keys: keys.into(), ..key_set(7) }
    };
    *rig.keys.answer.lock().unwrap() = Ok(set(jwks.clone()));
    assert_eq!(rig.get(PATH).await.body, format!("{{\"keys\":[{}]}}", jwks.join(",")));

    let [first, second] = jwks.map(|jwk| serde_json::from_str::<Value>(&jwk).unwrap());
    let mut swapped = first.clone();
    (swapped["x5c"], swapped["x5t#S256"]) = (second["x5c"].clone(), second["x5t#S256"].clone());
    *rig.keys.answer.lock().unwrap() = Ok(set([swapped, second].map(|jwk| jwk.to_string())));
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.get(PATH).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_set_with_a_private_half_in_it_is_not_served() {
    let rig = Rig::start().await;
    let mut leaking = key_set(7);
    let jwk = leaking.keys.first().unwrap().jwk.replacen('{', r#"{"d":"canary","#, 1);
    leaking.keys.push(PublicKey { jwk, ..PublicKey::default() });
    *rig.keys.answer.lock().unwrap() = Ok(leaking);
    let answer = rig.get(PATH).await;
    assert_eq!(answer.error(), (500, "server_error".into()));
    assert!(!answer.body.contains("canary"));
}

#[tokio::test]
async fn lesson_27_every_answer_says_how_long_it_may_be_kept_and_by_what_it_is_known_again() {
    let rig = Rig::start().await;
    let whole = rig.get(PATH).await;
    let tag = whole.header("etag").unwrap().to_owned();
    let head = rig.send(request(Method::HEAD, PATH, RFC_HOST).body(Body::empty()).unwrap()).await;
    let known = rig.send(with_tag(&tag)).await;
    for answer in [&whole, &head, &known] {
        assert_eq!(answer.header("cache-control"), Some("public, max-age=15, stale-if-error=300"));
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()), "RFC 9110 section 9.3.2");
    assert_eq!(head.header("content-type"), whole.header("content-type"));
    let asks_by_head = request(Method::HEAD, PATH, RFC_HOST).header(IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    assert_eq!(rig.send(asks_by_head).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_tag_is_compared_weakly_and_one_among_many_is_found() {
    let rig = Rig::start().await;
    let tag = rig.get(PATH).await.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "a strong one, of these very bytes: {tag}");
    for known in [format!("W/{tag}"), format!("\"1\", W/\"2\", {tag}"), "*".to_owned()] {
        assert_eq!(rig.send(with_tag(&known)).await.status, StatusCode::NOT_MODIFIED, "{known}");
    }
    for other in ["", "W/\"1\"", tag.trim_matches('"')] {
        assert_eq!(rig.send(with_tag(other)).await.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn the_domains_of_a_tenant_show_one_set_and_an_unknown_domain_shows_none() {
    let rig = Rig::start().await;
    let at = async |host| rig.send(request(Method::GET, PATH, host).body(Body::empty()).unwrap()).await;
    let (one, other) = (at(CUSTOM_HOST).await, at(OTHER_CUSTOM_HOST).await);
    assert_eq!((one.status, &one.body), (StatusCode::OK, &other.body));
    assert_eq!((one.header("etag"), rig.keys.asked()), (other.header("etag"), 1));
    let unknown = at("unknown.example").await;
    assert_eq!((unknown.status, unknown.header("cache-control")), (StatusCode::NOT_FOUND, Some("no-store")));
    assert_eq!(unknown.header("etag"), None);
}

#[tokio::test]
async fn nothing_but_a_key_set_may_be_kept() {
    let rig = Rig::start().await;
    for (refused, status) in [
        (Status::unavailable("down"), StatusCode::SERVICE_UNAVAILABLE),
        (Status::internal("broken"), StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        *rig.keys.answer.lock().unwrap() = Err(refused);
        rig.clock.advance(Duration::from_secs(1));
        let answer = rig.send(with_tag("*")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, Some("no-store")));
        assert_eq!(answer.header("etag"), None);
    }
    let posted = rig.send(request(Method::POST, PATH, RFC_HOST).body(Body::empty()).unwrap()).await;
    assert_eq!((posted.status, posted.header("cache-control")), (StatusCode::METHOD_NOT_ALLOWED, Some("no-store")));
}
