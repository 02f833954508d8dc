//! Key sets that key-management pushes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{Method, StatusCode};
use mintage_api::keys::PublicKey;
use mintage_chassis::key_sets::Floor;
use mintage_edge::Settings;
use tonic::Status;

use crate::rig::{AUTH0_HOST, RFC_HOST, Rig, key_set, request};

const PATH: &str = "/.well-known/jwks.json";

/// The version of the set that is served.
async fn served_at(rig: &Rig, host: &str) -> String {
    let answer = rig.send(request(Method::GET, PATH, host).body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let tag = answer.header("etag").unwrap();
    tag.trim_start_matches('"').split('-').next().unwrap().to_owned()
}

async fn served(rig: &Rig) -> String {
    served_at(rig, RFC_HOST).await
}

/// An edge that watches the key set of one tenant, at version 7.
async fn watching() -> Rig {
    let rig = Rig::start().await;
    rig.keys.pushes.store(true, Ordering::SeqCst);
    assert_eq!(served(&rig).await, "7");
    rig.keys.until_held(7).await;
    rig
}

fn change(rig: &Rig, version: u64) {
    *rig.keys.answer.lock().unwrap() = Ok(key_set(version));
}

#[tokio::test]
async fn a_pushed_set_is_served_at_once_and_nothing_is_asked() {
    let rig = watching().await;
    let asked = rig.keys.asked();
    change(&rig, 8);
    rig.keys.push();
    rig.keys.until_held(8).await;
    assert_eq!(served(&rig).await, "8", "the clock of the test stands still: no moment has passed");
    rig.clock.advance(Duration::from_secs(3600));
    assert_eq!((served(&rig).await, rig.keys.asked()), ("8".to_owned(), asked));
}

#[tokio::test]
async fn lesson_25_an_acknowledged_set_is_the_one_that_is_served() {
    let rig = watching().await;
    for version in 8..40 {
        change(&rig, version);
        rig.keys.push();
        rig.keys.until_held(version).await;
        assert_eq!(served(&rig).await, version.to_string());
    }
}

#[tokio::test]
async fn a_set_that_is_not_heard_of_any_more_is_asked_for() {
    let rig = watching().await;
    rig.keys.pushes.store(false, Ordering::SeqCst);
    rig.keys.hang_up();
    rig.keys.until_opened(2).await;
    change(&rig, 8);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(served(&rig).await, "8");
    rig.clock.advance(Duration::from_secs(1));
    *rig.keys.answer.lock().unwrap() = Err(Status::unavailable("down"));
    assert_eq!(rig.get(PATH).await.status, StatusCode::SERVICE_UNAVAILABLE, "of what was held nobody knows any more");
    change(&rig, 9);
    rig.keys.pushes.store(true, Ordering::SeqCst);
    rig.keys.until_held(9).await;
    assert_eq!(served(&rig).await, "9");
}

#[tokio::test]
async fn after_a_write_that_may_have_made_a_ring_no_older_set_is_served() {
    let rig = watching().await;
    let (before, asked) = (rig.registry.resolved(), rig.keys.asked());
    // The ring was made, and the replica that pushes has not read of it yet.
    change(&rig, 8);
    let mut tenant = crate::rig::tenant("rfc", RFC_HOST, mintage_api::registry::ErrorProfile::Rfc);
    tenant.display_name = "Changed".to_owned();
    rig.registry.write(&tenant);
    let heard = async {
        while rig.registry.resolved() == before {
            served(&rig).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("the edge hears of the write");
    assert_eq!(served(&rig).await, "8");
    assert!(rig.keys.asked() > asked);
    rig.keys.push();
    rig.keys.until_held(8).await;
    let asked = rig.keys.asked();
    rig.clock.advance(Duration::from_secs(3600));
    assert_eq!((served(&rig).await, rig.keys.asked()), ("8".to_owned(), asked), "what is pushed is as new");
}

#[tokio::test]
async fn a_pushed_set_with_a_private_half_in_it_is_neither_served_nor_acknowledged() {
    let rig = watching().await;
    let mut leaking = key_set(8);
    let jwk = leaking.keys.first().unwrap().jwk.replacen('{', r#"{"d":"canary","#, 1);
    leaking.keys.push(PublicKey { jwk, ..PublicKey::default() });
    *rig.keys.answer.lock().unwrap() = Ok(leaking);
    rig.keys.push();
    rig.keys.until_opened(2).await;
    rig.clock.advance(Duration::from_secs(1));
    let answer = rig.get(PATH).await;
    assert_eq!(answer.error(), (500, "server_error".into()));
    assert!(!answer.body.contains("canary"));
    change(&rig, 9);
    rig.keys.until_held(9).await;
}

#[tokio::test]
async fn no_more_tenants_are_watched_than_may_be_and_the_others_are_asked_for() {
    let rig = Rig::with(Settings { max_watched_key_sets: 1, ..Settings::default() }).await;
    rig.keys.pushes.store(true, Ordering::SeqCst);
    served(&rig).await;
    rig.keys.until_held(7).await;
    served_at(&rig, AUTH0_HOST).await;
    let asked = rig.keys.asked();
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!((served(&rig).await, rig.keys.asked()), ("7".to_owned(), asked));
    assert_eq!((served_at(&rig, AUTH0_HOST).await, rig.keys.asked()), ("7".to_owned(), asked + 1));
    assert_eq!(rig.keys.opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_nobody_asks_for_is_not_watched_for_ever() {
    let rig = Rig::with(Settings { max_watched_key_sets: 1, ..Settings::default() }).await;
    rig.keys.pushes.store(true, Ordering::SeqCst);
    served(&rig).await;
    rig.keys.until_held(7).await;
    tokio::time::sleep(Duration::from_secs(601)).await;
    rig.clock.advance(Duration::from_secs(1));
    change(&rig, 8);
    assert_eq!(served_at(&rig, AUTH0_HOST).await, "8");
    rig.keys.until_held(8).await;
}

#[tokio::test]
async fn b32_a_replica_that_is_behind_does_not_bring_a_revoked_key_back() {
    let rig = watching().await;
    change(&rig, 8);
    rig.keys.push();
    rig.keys.until_held(8).await;
    // The replica that is asked after the next write has not read of the revocation yet.
    change(&rig, 7);
    let (before, asked) = (rig.registry.resolved(), rig.keys.asked());
    rig.registry.write(&crate::rig::tenant("rfc", RFC_HOST, mintage_api::registry::ErrorProfile::Rfc));
    let heard = async {
        while rig.registry.resolved() == before {
            assert_eq!(served(&rig).await, "8");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("the edge hears of the write");
    assert_eq!(served(&rig).await, "8");
    assert!(rig.keys.asked() > asked, "it did ask");
}

#[tokio::test(start_paused = true)]
async fn b32_the_next_stream_brings_no_revoked_key_back_when_its_replica_is_behind() {
    let rig = watching().await;
    change(&rig, 10);
    rig.keys.push();
    rig.keys.until_held(10).await;
    // That replica drains, and neither the one that pushes next nor the one that is asked has read of the revocation yet.
    change(&rig, 9);
    rig.keys.hang_up();
    rig.keys.until_opened(2).await;
    for _ in 0..5 {
        rig.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!((served(&rig).await, rig.keys.held()), ("10".to_owned(), 10));
    }
    change(&rig, 11);
    rig.keys.push();
    rig.keys.until_held(11).await;
    assert_eq!(served(&rig).await, "11");
}

#[tokio::test(start_paused = true)]
async fn b32_replicas_that_are_asked_in_turn_bring_no_revoked_key_back() {
    let rig = Rig::with(Settings { max_watched_key_sets: 0, ..Settings::default() }).await;
    for (told, expected) in [(7, "7"), (10, "10"), (9, "10"), (10, "10"), (9, "10"), (11, "11"), (10, "11")] {
        change(&rig, told);
        rig.clock.advance(Duration::from_secs(1));
        assert_eq!(served(&rig).await, expected, "{told} was told");
    }
    tokio::time::sleep(Floor::HOLDS).await;
    change(&rig, 5);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(served(&rig).await, "5", "no replica lags for so long: the database was restored");
}

#[tokio::test(start_paused = true)]
async fn b32_what_is_pushed_is_not_served_when_something_newer_was_answered() {
    let rig = watching().await;
    rig.keys.hang_up();
    rig.keys.pushes.store(false, Ordering::SeqCst);
    rig.keys.until_opened(2).await;
    change(&rig, 10);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(served(&rig).await, "10");
    change(&rig, 9);
    rig.keys.pushes.store(true, Ordering::SeqCst);
    rig.keys.until_opened(rig.keys.opened() + 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!((served(&rig).await, rig.keys.held()), ("10".to_owned(), 7));
    change(&rig, 10);
    rig.keys.push();
    rig.keys.until_held(10).await;
    let asked = rig.keys.asked();
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!((served(&rig).await, rig.keys.asked()), ("10".to_owned(), asked), "it is heard of again");
}
