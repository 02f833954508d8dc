//! What an untrusted third party never gets.

use http::StatusCode;
use mintage_api::registry::{CreateClientGrantRequest, CreateClientRequest, Party};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use tonic::Code;

use super::rig::{Granted, Rig};

async fn rig_with_third_party() -> (Rig, super::rig::Known) {
    let rig = Rig::new().await;
    let known = rig.client(CreateClientRequest { party: Party::Third.into(), ..CreateClientRequest::default() }).await;
    (rig, known)
}

#[tokio::test]
async fn a_third_party_is_known_by_its_client_id_and_gets_what_it_was_granted() {
    let (rig, known) = rig_with_third_party().await;
    assert!(known.client.client_id.starts_with("tpc_"));
    let api = rig.api("https://api.test/", SigningAlgorithm::Es256).await;
    let grant = rig.grant(&known.client, &api, &["read:x"]).await;
    rig.token(&Granted { known, api, grant }).await;
}

#[tokio::test]
async fn a_third_party_is_never_granted_the_management_api_or_one_that_shares_its_secret() {
    let (rig, known) = rig_with_third_party().await;
    let api = rig.api("https://shared.test/", SigningAlgorithm::Hs256).await;
    for (audience, scope) in [(MANAGEMENT_AUDIENCE, "read:clients"), (&api.identifier, "read:x")] {
        let request = CreateClientGrantRequest {
            client_id: known.client.client_id.clone(),
            audience: audience.to_owned(),
            scopes: vec![scope.to_owned()],
            ..CreateClientGrantRequest::default()
        };
        let refused = rig.grants().create_client_grant(request).await.expect_err(audience);
        assert!(matches!(refused.code(), Code::PermissionDenied | Code::FailedPrecondition), "{refused:?}");
        let (status, answer) = rig.ask(&known, audience).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    }
}
