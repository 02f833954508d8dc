//! What an operator's client loses, its token loses: at once at the registry, within a second elsewhere.

use std::time::Duration;

use http::StatusCode;
use mintage_api::keys::ListSigningKeysRequest;
use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::{
    Client, ClientGrant, CreateClientGrantRequest, CreateClientRequest, DeleteClientGrantRequest, DeleteClientRequest,
    ListClientsRequest, UpdateClientGrantRequest, UpdateClientRequest,
};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_clock::{ManualClock, Timestamp};
use prost_types::FieldMask;
use tonic::{Code, Request, Status};

use super::rig::{Known, Rig};

/// A suite, an operator of it, and the token it got.
struct Managed {
    rig: Rig,
    clock: ManualClock,
    operator: Known,
    grant: ClientGrant,
    token: String,
}

impl Managed {
    /// Registry and key-management have both believed the token.
    async fn new() -> Self {
        let clock = ManualClock::at(Timestamp::from_unix_seconds(1_763_000_000));
        let rig = Rig::at(clock.clock()).await;
        let operator = rig.client(CreateClientRequest::default()).await;
        let request = CreateClientGrantRequest {
            client_id: operator.client.client_id.clone(),
            audience: MANAGEMENT_AUDIENCE.to_owned(),
            scopes: vec!["read:clients".to_owned(), "read:signing_keys".to_owned()],
            ..CreateClientGrantRequest::default()
        };
        let granted = rig.grants().create_client_grant(request).await.expect("a grant").into_inner();
        let (status, answer) = rig.ask(&operator, MANAGEMENT_AUDIENCE).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        let managed = Self { rig, clock, operator, grant: granted.client_grant.expect("a grant"), token };
        assert_eq!(managed.outcomes().await, [Ok(()), Ok(())]);
        managed
    }

    fn bearing<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let value = format!("Bearer {}", self.token).parse().expect("a header value");
        request.metadata_mut().insert("authorization", value);
        request
    }

    async fn at_the_registry(&self) -> Result<(), Code> {
        let mut clients = ClientServiceClient::new(self.rig.suite.client_registry.routes.clone());
        code(clients.list_clients(self.bearing(ListClientsRequest::default())).await)
    }

    async fn at_key_management(&self) -> Result<(), Code> {
        let mut keys = KeyRingServiceClient::new(self.rig.suite.key_management.routes.clone());
        code(keys.list_signing_keys(self.bearing(ListSigningKeysRequest::default())).await)
    }

    async fn outcomes(&self) -> [Result<(), Code>; 2] {
        [self.at_the_registry().await, self.at_key_management().await]
    }

    /// At once here, a second later there.
    async fn assert_refused(&self, refusal: Code) {
        assert_eq!(self.at_the_registry().await, Err(refusal));
        self.clock.advance(Duration::from_secs(1));
        assert_eq!(self.outcomes().await, [Err(refusal), Err(refusal)]);
    }
}

fn code<T>(outcome: Result<T, Status>) -> Result<(), Code> {
    outcome.map(drop).map_err(|status| status.code())
}

#[tokio::test]
async fn b32_the_token_of_a_disabled_operator_manages_nothing() {
    let managed = Managed::new().await;
    let client = Client { enabled: false, ..managed.operator.client.clone() };
    let update_mask = Some(FieldMask { paths: vec!["enabled".to_owned()] });
    let request = UpdateClientRequest { client: Some(client), update_mask };
    managed.rig.clients().update_client(request).await.expect("an update");
    managed.assert_refused(Code::Unauthenticated).await;
}

#[tokio::test]
async fn b32_the_token_of_a_deleted_operator_manages_nothing() {
    let managed = Managed::new().await;
    let client_id = managed.operator.client.client_id.clone();
    let request = DeleteClientRequest { client_id, ..DeleteClientRequest::default() };
    managed.rig.clients().delete_client(request).await.expect("a deletion");
    managed.assert_refused(Code::Unauthenticated).await;
}

#[tokio::test]
async fn b32_the_token_of_an_operator_without_its_grant_manages_nothing() {
    let managed = Managed::new().await;
    let request = DeleteClientGrantRequest { id: managed.grant.id.clone(), ..DeleteClientGrantRequest::default() };
    managed.rig.grants().delete_client_grant(request).await.expect("a deletion");
    managed.assert_refused(Code::Unauthenticated).await;
}

#[tokio::test]
async fn an_operator_whose_grant_was_narrowed_keeps_only_what_is_left() {
    let managed = Managed::new().await;
    let request = UpdateClientGrantRequest {
        id: managed.grant.id.clone(),
        scopes: vec!["read:clients".to_owned()],
        ..UpdateClientGrantRequest::default()
    };
    managed.rig.grants().update_client_grant(request).await.expect("an update");
    managed.clock.advance(Duration::from_secs(1));
    assert_eq!(managed.outcomes().await, [Ok(()), Err(Code::PermissionDenied)]);
}

#[tokio::test]
async fn a_token_for_another_api_manages_nothing() {
    let managed = Managed::new().await;
    let granted = managed.rig.granted(mintage_api::types::SigningAlgorithm::Es256).await;
    let token = managed.rig.token(&granted).await;
    let other = Managed { token, ..managed };
    assert_eq!(other.outcomes().await, [Err(Code::Unauthenticated), Err(Code::Unauthenticated)]);
}
