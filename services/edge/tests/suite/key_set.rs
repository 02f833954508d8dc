//! `GET /.well-known/jwks.json`.

use std::time::Duration;

use axum::body::Body;
use http::header::IF_NONE_MATCH;
use http::{Method, Request, StatusCode};
use mintage_api::keys::PublicKey;
use mintage_jose::JwkSet;
use tonic::Status;

use crate::rig::{AUTH0_HOST, RFC_HOST, Rig, key_set, request};

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
