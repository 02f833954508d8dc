//! Whom a new key waits for, and whom it does not.

use std::time::Duration;

use mintage_api::types::ErrorReason;
use mintage_jose::Algorithm;
use mintage_key_management::Settings;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::signing::Wait;
use mintage_testkit::on_each_backend;
use tonic::Code;

use super::rig::{edge, open, start, stranger, until_held, with_ring};
use crate::grpc::{operator_token, operator_token_of, reason};
use crate::house::{House, ring};

#[tokio::test]
async fn b32_only_who_proved_who_it_is_counts() {
    let house = House::on_sqlite().await;
    let (service, other) = (with_ring(&house).await, house.replica().await);
    let token = operator_token(&house, &service, "watch:key_sets").await;
    let mut strange = stranger(&service).await;
    let version = strange.key_set().await.version;
    until_held(&other, version, (0, 0)).await;
    let mut of_suite = edge(&service, "default").await;
    let mut operator = open(&service, None, Some(&token)).await.expect("a stream");
    operator.say(start("", "verifier")).await;
    for watch in [&mut of_suite, &mut operator] {
        assert_eq!(watch.key_set().await.version, version);
    }
    let held = until_held(&other, version, (2, 0)).await;
    assert_eq!(held.waiting_for, ["edge: pod-1", "op: verifier"]);
    strange.acknowledge(version).await;
    of_suite.acknowledge(version).await;
    assert_eq!(until_held(&other, version, (2, 1)).await.waiting_for, ["op: verifier"]);
    operator.acknowledge(version).await;
    until_held(&other, version, (2, 2)).await;
    drop((of_suite, strange));
    until_held(&other, version, (1, 1)).await;
    drop(operator);
    until_held(&other, version, (0, 0)).await;
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_refused_rather_than_overlooked() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let narrow = operator_token(&house, &service, "read:signing_keys").await;
    for (token, expected) in [
        (narrow.as_str(), (Code::PermissionDenied, ErrorReason::InsufficientScope)),
        ("a.b.c", (Code::Unauthenticated, ErrorReason::Unauthenticated)),
        ("", (Code::Unauthenticated, ErrorReason::Unauthenticated)),
    ] {
        let refused = open(&service, None, Some(token)).await.err().expect("refused");
        assert_eq!(reason(&refused), expected);
    }
    let acme = operator_token_of("acme", &house, &service, "watch:key_sets").await;
    let mut own = open(&service, None, Some(&acme)).await.expect("a stream");
    own.say(start("", "verifier")).await;
    own.key_set().await;
    let mut foreign = open(&service, None, Some(&acme)).await.expect("a stream");
    foreign.say(start("default", "verifier")).await;
    assert_eq!(foreign.refused().await, (Code::PermissionDenied, ErrorReason::MethodRefused));
}

#[tokio::test]
async fn b32_an_operator_counts_for_no_longer_than_its_token_and_its_client_stand() {
    let house = House::on_sqlite().await;
    let (service, other) = (with_ring(&house).await, house.replica().await);
    let watching = async |token: &str| {
        let mut watch = open(&service, None, Some(token)).await.expect("a stream");
        watch.say(start("", "verifier")).await;
        let version = watch.key_set().await.version;
        (watch, version)
    };
    let old = operator_token(&house, &service, "watch:key_sets").await;
    house.wait(Duration::from_secs(598));
    let (mut brief, version) = watching(&old).await;
    let long = operator_token(&house, &service, "watch:key_sets").await;
    let (mut narrowed, _) = watching(&long).await;
    until_held(&other, version, (2, 0)).await;
    house.wait(Duration::from_secs(2));
    assert_eq!(brief.refused().await, (Code::Unauthenticated, ErrorReason::Unauthenticated));
    until_held(&other, version, (1, 0)).await;
    // While nobody can be asked, nothing is known to be lost.
    house.registry.fall_silent();
    house.wait(Duration::from_secs(1));
    narrowed.next().await.expect("well").expect("no end");
    house.registry.grant(&["read:signing_keys"]);
    house.wait(Duration::from_secs(1));
    assert_eq!(narrowed.refused().await, (Code::PermissionDenied, ErrorReason::InsufficientScope));
    house.registry.grant(&["watch:key_sets"]);
    house.wait(Duration::from_secs(1));
    let (mut disabled, _) = watching(&long).await;
    house.registry.disable();
    house.wait(Duration::from_secs(1));
    assert_eq!(disabled.refused().await, (Code::Unauthenticated, ErrorReason::Unauthenticated));
    until_held(&other, version, (0, 0)).await;
}

#[tokio::test]
async fn a_new_key_waits_for_every_counted_watcher_at_whichever_replica() {
    on_each_backend(async |test| {
        let settings = Settings { rotation_jitter: Duration::ZERO, ..Settings::default() };
        let house = House { settings, ..House::on(test).await };
        let (service, other) = (with_ring(&house).await, house.replica().await);
        let (mut quick, mut slow) = (edge(&service, "default").await, edge(&service, "default").await);
        let version = quick.key_set().await.version;
        slow.key_set().await;
        quick.acknowledge(version).await;
        until_held(&other, version, (2, 1)).await;
        let active = async || {
            let ring = other.store().find(&ring(Algorithm::Es256)).await.unwrap().expect("the ring");
            ring.active().expect("an active key").kid.clone()
        };
        let before = active().await;
        house.wait(house.settings.rotation_period);
        other.keys.step().await;
        assert_eq!(active().await, before, "somebody could not verify it");
        assert_eq!(other.keys.waiting(Algorithm::Es256), (1, 1), "one key waits for one watcher");
        let waits = async || {
            let found = other.store().find(&ring(Algorithm::Es256)).await.unwrap().expect("the ring");
            other.keys.status(found).await.unwrap().waits
        };
        let until = Some(house.clock.now() + house.settings.watcher_deadline);
        assert_eq!(waits().await, Some(Wait { behind: 1, until }));
        slow.acknowledge(version).await;
        until_held(&other, version, (2, 2)).await;
        other.keys.step().await;
        assert_ne!(active().await, before);
        assert_eq!(other.keys.waiting(Algorithm::Es256), (0, 0));
        assert_eq!(waits().await, None);
    })
    .await;
}

#[tokio::test]
async fn b32_a_stranger_that_acknowledges_nothing_holds_no_key_back() {
    let house = House::on_sqlite().await;
    let (service, other) = (with_ring(&house).await, house.replica().await);
    let mut strange = stranger(&service).await;
    let version = strange.key_set().await.version;
    house.wait(house.settings.rotation_period);
    other.keys.step().await;
    assert!(strange.key_set().await.version > version, "the next key signs");
}
