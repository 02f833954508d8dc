//! An operator's token is worth what its client may do now.

use std::time::Duration;

use mintage_api::keys::ListSigningKeysRequest;
use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use tonic::{Code, Status};

use crate::grpc::{anyone, built, operator_token, reason, with};
use crate::house::House;

/// A token that may list keys, and a service that has just seen it.
async fn listing() -> (House, Service, String) {
    let house = House::on_sqlite().await;
    let service = built(&house).await;
    let token = operator_token(&house, &service, "read:signing_keys").await;
    list(&service, &token).await.expect("the operator is in good standing");
    (house, service, token)
}

async fn list(service: &Service, token: &str) -> Result<(), Status> {
    let request = with(ListSigningKeysRequest::default(), token);
    KeyRingServiceClient::new(anyone(service)).list_signing_keys(request).await.map(drop)
}

#[tokio::test]
async fn b32_an_operator_whose_client_is_disabled_is_refused_within_a_second() {
    let (house, service, token) = listing().await;
    house.registry.disable();
    house.wait(Duration::from_secs(1));
    let status = list(&service, &token).await.unwrap_err();
    assert_eq!(reason(&status), (Code::Unauthenticated, ErrorReason::Unauthenticated));
}

#[tokio::test]
async fn b32_an_operator_whose_grant_is_narrowed_loses_the_scope_within_a_second() {
    let (house, service, token) = listing().await;
    house.registry.grant(&["read:clients"]);
    house.wait(Duration::from_secs(1));
    let status = list(&service, &token).await.unwrap_err();
    assert_eq!(reason(&status), (Code::PermissionDenied, ErrorReason::InsufficientScope));
    house.registry.grant(&["read:signing_keys"]);
    house.wait(Duration::from_secs(1));
    list(&service, &token).await.expect("the scope is back");
}

#[tokio::test]
async fn what_was_heard_serves_for_less_than_a_second_and_then_no_operator_is_believed() {
    let (house, service, token) = listing().await;
    house.registry.fall_silent();
    house.wait(Duration::from_millis(999));
    list(&service, &token).await.expect("heard a moment ago");
    house.wait(Duration::from_millis(1));
    let status = list(&service, &token).await.unwrap_err();
    assert_eq!(reason(&status), (Code::Unavailable, ErrorReason::TemporarilyUnavailable));
    assert!(!status.message().contains("10.0.0.7"), "{status:?}");
}

#[tokio::test]
async fn a_grant_is_not_more_than_the_token_carries() {
    let (house, service, _) = listing().await;
    let other = operator_token(&house, &service, "read:clients").await;
    let status = list(&service, &other).await.unwrap_err();
    assert_eq!(reason(&status), (Code::PermissionDenied, ErrorReason::InsufficientScope));
}
