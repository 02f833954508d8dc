//! What is known of a client, where its API reads it: in the token.

use std::collections::HashMap;

use mintage_api::registry::{
    ClaimMapping, CreateClientRequest, CreateResourceServerRequest, ResourceServer, ScopeDefinition, Tenant,
    TokenProfile, UpdateTenantRequest,
};
use mintage_api::types::SigningAlgorithm;
use mintage_jose::jwt::{MAX_TOKEN_BYTES, decode_header};
use prost_types::FieldMask;
use tonic::Code;

use super::rig::{Granted, Known, Rig, decoded};

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

/// As much as the registry takes of everything that stands in a token.
#[tokio::test]
async fn the_largest_token_that_can_be_granted_is_issued_and_no_longer_than_is_read() {
    let rig = Rig::new().await;
    let host = format!("{0}.{0}.{0}.{1}:65535", "h".repeat(63), "h".repeat(61));
    serve_on(&rig, &host).await;
    let (known, api) = (largest_client(&rig).await, largest_api(&rig).await);
    let scopes: Vec<_> = api.scopes.iter().map(|scope| scope.value.as_str()).collect();
    rig.grant(&known.client, &api, &scopes).await;
    let (status, answer) = rig.ask_at(&host, &known, &api.identifier).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().expect("a token");
    assert!((12 * 1024..=MAX_TOKEN_BYTES).contains(&token.len()), "{}", token.len());
    decode_header(token).expect("a header");
    let (_, claims) = decoded(token);
    assert_eq!(claims["scope"].as_str().map(str::len), Some(4096));
    assert_eq!(
        claims.as_object().expect("claims").len(),
        15,
        "eight of the profile, four of the API, three of the client"
    );
}

async fn serve_on(rig: &Rig, host: &str) {
    let tenant = Tenant { id: "default".to_owned(), origins: vec![format!("https://{host}")], ..Tenant::default() };
    let update_mask = Some(FieldMask { paths: vec!["origins".to_owned()] });
    rig.tenants().update_tenant(UpdateTenantRequest { tenant: Some(tenant), update_mask }).await.expect("updates");
}

async fn largest_client(rig: &Rig) -> Known {
    let own = |index: usize, source: &str, length: usize| {
        mapping(source, &padded(&format!("https://own.test/{index}"), length))
    };
    let request = CreateClientRequest {
        name: "n".repeat(128),
        metadata: [("swelling", "\u{1}".repeat(255)), ("one", "é".repeat(255)), ("two", "é".repeat(255))]
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
        claim_mappings: vec![own(0, "one", 255), own(1, "client.name", 255), own(2, "client.name", 242)],
        ..CreateClientRequest::default()
    };
    let created = rig.clients().create_client(request).await.expect("a client").into_inner();
    Known { client: created.client.expect("a client"), secret: created.client_secret }
}

async fn largest_api(rig: &Rig) -> ResourceServer {
    let scope = |value: String| ScopeDefinition { value, ..ScopeDefinition::default() };
    let sources = ["swelling", "one", "two", "client.name"];
    let request = CreateResourceServerRequest {
        identifier: "\"".repeat(600),
        scopes: (0..16)
            .map(|index| scope(format!("{index:0>length$}", length = if index == 15 { 256 } else { 255 })))
            .collect(),
        token_profile: TokenProfile::Rfc9068.into(),
        claim_mappings: sources
            .map(|source| mapping(source, &padded(&format!("https://api.test/{source}"), 250)))
            .into(),
        ..CreateResourceServerRequest::default()
    };
    let created = rig.apis().create_resource_server(request).await.expect("an API").into_inner();
    created.resource_server.expect("an API")
}

fn padded(text: &str, length: usize) -> String {
    format!("{text:x<length$}")
}
