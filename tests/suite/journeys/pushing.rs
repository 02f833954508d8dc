//! What changes of keys is at the edge as soon as it changes, and the edge says so.

use std::time::Duration;

use mintage_api::keys::RevokeSigningKeyRequest;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{WatchKeySetRequest, WatchKeySetStart};
use mintage_api::types::SigningAlgorithm;
use tokio::time::timeout;

use super::rig::{HOST, Rig, decoded};

/// Much more than anything here takes.
const LONG: Duration = Duration::from_secs(30);

async fn shows(rig: &Rig, kid: &str) -> bool {
    let key_set = rig.key_set_at(HOST).await;
    key_set["keys"].as_array().expect("keys").iter().any(|key| key["kid"] == kid)
}

#[tokio::test]
async fn a_revoked_key_leaves_the_key_set_of_the_edge_within_a_second() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let (header, _) = decoded(&rig.token(&granted).await);
    let kid = header["kid"].as_str().expect("a kid").to_owned();
    assert!(shows(&rig, &kid).await);
    let request = RevokeSigningKeyRequest { kid: kid.clone(), reason: "stolen".into(), ..Default::default() };
    rig.key_rings().revoke_signing_key(request).await.expect("revoked");
    let gone = async {
        while shows(&rig, &kid).await {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(1), gone).await.expect("within a second");
    let (header, _) = decoded(&rig.token(&granted).await);
    assert_ne!(header["kid"], kid.as_str());
    assert!(shows(&rig, header["kid"].as_str().expect("a kid")).await, "what it signs with now is shown");
}

#[tokio::test]
async fn whoever_watches_hears_of_the_keys_of_a_new_api() {
    let rig = Rig::new().await;
    let start = WatchKeySetStart { tenant_id: String::new(), watcher: "a verifier".to_owned() };
    let said = WatchKeySetRequest { message: Some(Message::Start(start)) };
    let said = futures::stream::StreamExt::chain(futures::stream::iter([said]), futures::stream::pending());
    let mut client = KeySetServiceClient::new(rig.suite.key_management.routes.clone());
    let mut told = client.watch_key_set(said).await.expect("a stream").into_inner();
    let granted = rig.granted(SigningAlgorithm::Eddsa).await;
    let (header, _) = decoded(&rig.token(&granted).await);
    let told = async {
        loop {
            let event = told.message().await.expect("well").expect("no end");
            if event.key_set.is_some_and(|set| set.keys.iter().any(|key| header["kid"] == key.kid.as_str())) {
                return;
            }
        }
    };
    timeout(LONG, told).await.expect("told in time");
}
