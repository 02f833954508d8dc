//! `IssueToken` when all is well.

use mintage_api::keys::KeyRingName;
use mintage_api::token::{IssueTokenRequest, IssueTokenResponse};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_oauth::{Audience, Pepper, Scope, ScopeSet};
use serde_json::Value;
use tonic::Code;

use super::rig::{Rig, START, reason, secret_of};

#[tokio::test]
async fn b31_the_answer_is_a_token_its_type_its_lifetime_and_its_scopes_and_nothing_to_refresh_it_with() {
    let rig = Rig::new().await;
    let IssueTokenResponse { access_token, token_type, expires_in, scopes, refresh_token, id_token } =
        rig.issue().await.unwrap();
    assert_eq!((refresh_token.as_str(), id_token.as_str()), ("", ""));
    assert_eq!((token_type.as_str(), expires_in), ("Bearer", 3600));
    assert_eq!(scopes, ["read:it", "write:it"]);
    let claims: Value = serde_json::from_str(&access_token).unwrap();
    assert_eq!(claims["iss"], "https://login.example/");
    assert_eq!(claims["iat"], START.unix_seconds());
}

#[tokio::test]
async fn static_claims_reach_the_token_and_a_reserved_one_is_dropped() {
    let issued = Rig::new().await.issue().await.unwrap();
    let claims: Value = serde_json::from_str(&issued.access_token).unwrap();
    assert_eq!(claims["https://example.com/team"], "tin");
    assert_eq!(claims["sub"], "client-1@clients");
}

#[tokio::test]
async fn asked_scopes_and_issuer_are_honoured() {
    let rig = Rig::new().await;
    let request = IssueTokenRequest {
        tenant_id: "default".to_owned(),
        issuer: "https://login.example/".to_owned(),
        scopes: vec!["write:it".to_owned()],
        ..rig.request()
    };
    assert_eq!(rig.ask(request).await.unwrap().scopes, ["write:it"]);
}

#[tokio::test]
async fn the_ring_travels_by_name() {
    let rig = Rig::new().await;
    rig.issue().await.unwrap();
    let calls = rig.keys.calls.lock().unwrap();
    let ring = KeyRingName {
        tenant_id: "default".to_owned(),
        algorithm: SigningAlgorithm::Es256.into(),
        resource_server_id: String::new(),
    };
    assert_eq!((calls[0][0].ring.as_ref(), calls[0][0].typ.as_str()), (Some(&ring), "JWT"));
}

/// As long as every part may be by its own rule.
#[tokio::test]
async fn the_longest_request_that_can_mean_anything_is_read_and_a_longer_one_is_not() {
    let rig = Rig::new().await;
    let text = |length: usize| "x".repeat(length);
    let scopes = (0..ScopeSet::MAX_ASKED).map(|n| format!("{n:0>width$}", width = Scope::MAX_LENGTH));
    let longest = IssueTokenRequest {
        tenant_id: text(32),
        issuer: format!("https://{}:65535/", text(253)),
        client_authentication: Some(secret_of(&text(Pepper::MAX_PRESENTED), &text(Pepper::MAX_PRESENTED))),
        audience: text(Audience::MAX_LENGTH),
        scopes: scopes.collect(),
        ..rig.request()
    };
    assert_eq!(reason(rig.ask(longest.clone()).await).reason, ErrorReason::ClientAuthenticationFailed);
    let longer = IssueTokenRequest { issuer: text(2048), ..longest };
    assert_eq!(rig.ask(longer).await.unwrap_err().code(), Code::OutOfRange);
}
