//! What is known of a client, where its API reads it: in the token.

use std::collections::HashMap;

use mintage_api::registry::{ClaimMapping, CreateClientRequest};
use mintage_api::types::SigningAlgorithm;
use tonic::Code;

use super::rig::{Granted, Rig, decoded};

fn mapping(source: &str, claim: &str) -> ClaimMapping {
    ClaimMapping { source: source.to_owned(), claim: claim.to_owned() }
}

#[tokio::test]
async fn an_api_reads_the_clients_name_and_metadata_from_its_token() {
    let rig = Rig::new().await;
    let known = rig
        .client(CreateClientRequest {
            metadata: HashMap::from([("team".to_owned(), "billing".to_owned())]),
            claim_mappings: vec![
                mapping("client.name", "https://api.test/client_name"),
                mapping("team", "https://api.test/team"),
            ],
            ..CreateClientRequest::default()
        })
        .await;
    let api = rig.api("https://api.test/", SigningAlgorithm::Es256).await;
    let grant = rig.grant(&known.client, &api, &["read:x"]).await;
    let (_, claims) = decoded(&rig.token(&Granted { known, api, grant }).await);
    assert_eq!(claims["https://api.test/client_name"], "A client");
    assert_eq!(claims["https://api.test/team"], "billing");
}

#[tokio::test]
async fn a_claim_that_decides_something_cannot_be_mapped() {
    let rig = Rig::new().await;
    for claim in ["scope", "sub", "permissions", "team", "https://auth0.com/team", "urn:auth0:team"] {
        let request = CreateClientRequest {
            name: "A client".to_owned(),
            claim_mappings: vec![mapping("team", claim)],
            ..CreateClientRequest::default()
        };
        let refused = rig.clients().create_client(request).await.expect_err(claim);
        assert_eq!(refused.code(), Code::InvalidArgument, "{claim}");
    }
}
