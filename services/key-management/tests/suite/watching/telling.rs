//! What watchers are told, and when a stream ends.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::{KeyRingName, RemoveKeyRingRequest, RevokeSigningKeyRequest};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::ServiceName;
use mintage_key_management::watch::WatchSettings;
use mintage_key_management::{Settings, build};
use mintage_testkit::on_each_backend;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::Code;

use super::rig::{LONG, Watch, edge, rotate, stranger, with_ring};
use crate::grpc::{built, ensure, from, named};
use crate::house::House;

#[tokio::test]
async fn anyone_is_told_the_set_at_once_and_whole_at_each_change() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let mut watch = stranger(&service).await;
    let first = watch.next().await.unwrap().expect("the set");
    assert_eq!(first.silence_millis, 3000);
    let first = first.key_set.expect("comes first");
    assert_eq!((first.keys.len(), first.max_age_seconds), (2, 15));
    rotate(&service).await;
    // The next key signs, and then another is announced; what comes together is told together.
    let mut second = watch.key_set().await;
    while second.keys.len() == first.keys.len() {
        assert!(second.version > first.version);
        second = watch.key_set().await;
    }
    assert!(second.keys.len() > first.keys.len());
    let whole = KeyRingName { tenant_id: "default".into(), ..Default::default() };
    let mut registry = KeyRingServiceClient::new(from(&service, ServiceName::CLIENT_REGISTRY));
    registry.remove_key_ring(RemoveKeyRingRequest { ring: Some(whole) }).await.expect("removed");
    assert_eq!(watch.refused().await, (Code::NotFound, ErrorReason::TenantUnknown));
}

#[tokio::test]
async fn while_nothing_changes_there_are_signs_of_life() {
    let watch = WatchSettings { sign_of_life_interval: Duration::from_millis(20), ..WatchSettings::default() };
    let house = House { settings: Settings { watch, ..Settings::default() }, ..House::on_sqlite().await };
    let service = with_ring(&house).await;
    let mut watch = stranger(&service).await;
    watch.key_set().await;
    for _ in 0..5 {
        let alive = watch.next().await.unwrap().expect("no end");
        assert_eq!((alive.key_set, alive.silence_millis), (None, 60));
    }
}

#[tokio::test]
async fn a_revoked_key_is_gone_from_the_watchers_of_every_replica_within_a_second() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (here, there) = (with_ring(&house).await, built(&house).await);
        let (mut near, mut far) = (stranger(&here).await, stranger(&there).await);
        let kid = near.key_set().await.keys[0].kid.clone();
        far.key_set().await;
        let mut rings = KeyRingServiceClient::new(from(&here, ServiceName::MINTAGE));
        let request = RevokeSigningKeyRequest { kid: kid.clone(), reason: "stolen".into(), ..Default::default() };
        let began = std::time::SystemTime::from(mintage_clock::Clock::System.now());
        rings.revoke_signing_key(request).await.expect("revoked");
        for watch in [&mut near, &mut far] {
            assert!(watch.key_set().await.keys.iter().all(|key| key.kid != kid));
        }
        let took = std::time::SystemTime::from(mintage_clock::Clock::System.now()).duration_since(began);
        assert!(took.as_ref().is_ok_and(|took| *took < Duration::from_secs(1)), "{took:?}");
    })
    .await;
}

#[tokio::test]
async fn who_reads_slowly_is_spared_what_was_in_between() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let (mut slow, mut quick) = (stranger(&service).await, stranger(&service).await);
    slow.key_set().await;
    quick.key_set().await;
    let mut last = 0;
    for algorithm in
        [SigningAlgorithm::Eddsa, SigningAlgorithm::Ps256, SigningAlgorithm::Rs256, SigningAlgorithm::Es384]
    {
        ensure(&service, named(algorithm)).await;
        last = quick.key_set().await.version;
    }
    let mut read = 0;
    while slow.key_set().await.version != last {
        read += 1;
    }
    assert!(read < 4, "{read} sets were kept for it");
}

#[tokio::test]
async fn who_can_acknowledge_nothing_any_more_is_told_on_unless_a_key_would_wait_for_it() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let hang_up = |mut watch: Watch| {
        let (never, _) = mpsc::channel(1);
        watch.say = never;
        watch
    };
    let mut strange = hang_up(stranger(&service).await);
    strange.key_set().await;
    rotate(&service).await;
    strange.key_set().await;
    let mut counted = hang_up(edge(&service, "default").await);
    let ended = async { while counted.next().await.expect("in order").is_some() {} };
    timeout(LONG, ended).await.expect("an end");
}

#[tokio::test]
async fn streams_end_in_order_when_the_service_drains() {
    let house = House::on_sqlite().await;
    let service = with_ring(&house).await;
    let mut watches = [stranger(&service).await, edge(&service, "default").await];
    for watch in &mut watches {
        watch.key_set().await;
    }
    timeout(LONG, service.tasks.drain()).await.expect("drained");
    for watch in &mut watches {
        let ended = async { while watch.next().await.expect("in order").is_some() {} };
        timeout(LONG, ended).await.expect("an end");
    }
}

#[tokio::test]
async fn a_replica_that_cannot_read_says_so_rather_than_that_nothing_changed() {
    let watch = WatchSettings { sign_of_life_interval: Duration::from_millis(20), ..WatchSettings::default() };
    let house = House { settings: Settings { watch, ..Settings::default() }, ..House::on_sqlite().await };
    let doors = house.doors().await;
    let database = doors.database.clone();
    let service = build(house.settings.clone(), doors).await.expect("built");
    ensure(&service, named(SigningAlgorithm::Es256)).await;
    let mut watch = stranger(&service).await;
    watch.key_set().await;
    database.close().await.expect("closed");
    house.wait(house.settings.replica_lag + Duration::from_secs(1));
    assert_eq!(watch.refused().await, (Code::Unavailable, ErrorReason::TemporarilyUnavailable));
}
