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

use super::rig::{Granted, HOST, Known, Rig, decoded, token_form};

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
    let scope = claims["scope"].as_str().expect("a scope");
    assert_eq!(scope.len(), 4096);
    let asked = format!("{}&scope={}", token_form(&known, &api.identifier), scope.replace(' ', "+"));
    assert_eq!(rig.post_at(&host, asked).await.0, 200, "whoever asks for all of it by name gets it too");
    assert_eq!(
        claims.as_object().expect("claims").len(),
        15,
        "eight of the profile, four of the API, three of the client"
    );
}

/// As much as the edge lets through, in every parameter.
#[tokio::test]
async fn the_longest_token_request_is_heard_by_the_token_service() {
    let rig = Rig::new().await;
    let known = rig.client(CreateClientRequest::default()).await;
    let mut client = known.client.clone();
    client.client_id = "c".repeat(1024);
    let longest = Known { client, secret: "s".repeat(1024) };
    let form = format!("{}&scope={}", token_form(&longest, &"a".repeat(600)), longest_scope());
    let (status, answer) = rig.post_at(HOST, form).await;
    assert_eq!((status.as_u16(), &answer["error"]), (401, &"invalid_client".into()), "{answer}");
}

/// A hundred names, 4096 bytes with what stands between.
fn longest_scope() -> String {
    let names: Vec<_> = (0..100).map(|n| format!("{n:0>width$}", width = if n < 97 { 40 } else { 39 })).collect();
    let scope = names.join("+");
    assert_eq!(scope.len(), 4096);
    scope
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
