//! What an administrator ends has ended when the call returns.

use http::StatusCode;
use mintage_api::registry::{
    Client, DeleteClientGrantRequest, DeleteClientRequest, DeleteResourceServerRequest, RevokeClientSecretRequest,
    UpdateClientGrantRequest, UpdateClientRequest,
};
use mintage_api::types::SigningAlgorithm;
use prost_types::FieldMask;

use super::rig::{Rig, decoded};

#[tokio::test]
async fn b32_a_disabled_client_gets_no_token_and_an_enabled_one_does_again() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    for (enabled, expected) in [(false, StatusCode::UNAUTHORIZED), (true, StatusCode::OK)] {
        let client = Client { enabled, ..granted.known.client.clone() };
        let update_mask = Some(FieldMask { paths: vec!["enabled".to_owned()] });
        let request = UpdateClientRequest { client: Some(client), update_mask };
        rig.clients().update_client(request).await.expect("an update");
        assert_eq!(rig.ask(&granted.known, &granted.api.identifier).await.0, expected);
    }
}

#[tokio::test]
async fn b32_a_revoked_secret_is_worthless() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    let client = &granted.known.client;
    let request = RevokeClientSecretRequest {
        client_id: client.client_id.clone(),
        secret_id: client.secrets[0].id.clone(),
        ..RevokeClientSecretRequest::default()
    };
    rig.clients().revoke_client_secret(request).await.expect("a revocation");
    assert_eq!(rig.ask(&granted.known, &granted.api.identifier).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn b32_a_deleted_client_gets_no_token() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    let client_id = granted.known.client.client_id.clone();
    let request = DeleteClientRequest { client_id, ..DeleteClientRequest::default() };
    rig.clients().delete_client(request).await.expect("a deletion");
    assert_eq!(rig.ask(&granted.known, &granted.api.identifier).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn b32_a_deleted_grant_gives_no_token() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    let request = DeleteClientGrantRequest { id: granted.grant.id.clone(), ..DeleteClientGrantRequest::default() };
    rig.grants().delete_client_grant(request).await.expect("a deletion");
    assert_eq!(rig.ask(&granted.known, &granted.api.identifier).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_narrowed_grant_gives_the_narrower_scopes() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    assert_eq!(decoded(&rig.token(&granted).await).1["scope"], "read:x write:x");
    let request = UpdateClientGrantRequest {
        id: granted.grant.id.clone(),
        scopes: vec!["read:x".to_owned()],
        ..UpdateClientGrantRequest::default()
    };
    rig.grants().update_client_grant(request).await.expect("an update");
    assert_eq!(decoded(&rig.token(&granted).await).1["scope"], "read:x");
}

#[tokio::test]
async fn a_deleted_api_is_unknown() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    let request = DeleteResourceServerRequest { id: granted.api.id.clone(), ..DeleteResourceServerRequest::default() };
    rig.apis().delete_resource_server(request).await.expect("a deletion");
    let (status, answer) = rig.ask(&granted.known, &granted.api.identifier).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &"invalid_target".into()));
}
