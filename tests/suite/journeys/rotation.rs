//! A rotation by hand acts at once and breaks no token.

use std::time::Duration;

use mintage_api::keys::{KeyRingName, KeyState, RotateKeyRingRequest};
use mintage_api::types::SigningAlgorithm;
use serde_json::Value;

use super::rig::{Granted, HOST, Rig, decoded};

fn kids(key_set: &Value) -> Vec<String> {
    let keys = key_set["keys"].as_array().expect("keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// The first token that `kid` signs. A replica may have read the ring just before that key was made active in it.
async fn signed_by(rig: &Rig, granted: &Granted, kid: &str) -> Value {
    let signed = async {
        loop {
            let (header, _) = decoded(&rig.token(granted).await);
            if header["kid"] == kid {
                return header;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), signed).await.expect("the edge holds it")
}

#[tokio::test]
async fn after_a_rotation_another_key_signs_that_verifiers_already_had() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let (before, _) = decoded(&rig.token(&granted).await);
    let known = kids(&rig.key_set_at(HOST).await);

    let ring = KeyRingName { algorithm: SigningAlgorithm::Es256.into(), ..KeyRingName::default() };
    let rotated = rig
        .key_rings()
        .rotate_key_ring(RotateKeyRingRequest { ring: Some(ring), now_danger: false })
        .await
        .expect("a rotation");
    let rotated = rotated.into_inner();
    // It signs as soon as the edge, which has just shown it, has said that it holds it.
    let after = signed_by(&rig, &granted, &rotated.successor.expect("a successor").kid).await;

    assert_ne!(before["kid"], after["kid"]);
    assert!(known.contains(&after["kid"].as_str().expect("a kid").to_owned()), "it was announced before it signed");
    assert!(known.contains(&before["kid"].as_str().expect("a kid").to_owned()));
}

#[tokio::test]
async fn a_second_rotation_waits_until_verifiers_can_know_the_next_key() {
    let rig = Rig::new().await;
    rig.granted(SigningAlgorithm::Es256).await;
    let ring = KeyRingName { algorithm: SigningAlgorithm::Es256.into(), ..KeyRingName::default() };
    let rotate = || async {
        let request = RotateKeyRingRequest { ring: Some(ring.clone()), now_danger: false };
        rig.key_rings().rotate_key_ring(request).await.expect("a rotation").into_inner()
    };
    rotate().await;
    let second = rotate().await;
    let successor = second.successor.expect("a successor");
    assert_eq!(successor.state(), KeyState::Pending);
    assert!(successor.next_step_at.is_some(), "it says when");
    assert_eq!(second.predecessor.expect("a predecessor").state(), KeyState::Active);
}
