//! The client credentials grant.

use mintage_jose::Algorithm;
use mintage_oauth::{GrantType, Party, Scope, ScopeSet};
use mintage_token::domain::records::{Client, ResourceServer};
use mintage_token::domain::{IssueError, TokenRequest};
use proptest::prelude::*;

use super::fakes::{API, CLIENT, World, api, tenant};

#[tokio::test]
async fn omitted_scopes_are_all_granted_scopes() {
    let issued = World::new().issue().await.unwrap();
    assert_eq!(issued.scopes.to_delimited(), "read:it write:it");
    assert_eq!(issued.expires_in, 3600);
}

#[tokio::test]
async fn asked_scopes_come_alone_and_as_asked() {
    let issued = World::new().issue_scopes("write:it").await.unwrap();
    assert_eq!(issued.scopes.to_delimited(), "write:it");
    assert!(issued.access_token.contains(r#""scope":"write:it""#));
}

#[tokio::test]
async fn b3_scopes_outside_the_grant_are_refused_and_only_they_are_named() {
    let world = World::new();
    for (asked, named) in [
        ("read:it delete:it", "delete:it"),
        ("READ:IT", "READ:IT"),
        ("*", "*"),
        ("read:*", "read:*"),
        ("read:i", "read:i"),
        ("no:1 read:it no:2", "no:1 no:2"),
    ] {
        let missing: Vec<Scope> = named.split(' ').map(|scope| scope.parse().unwrap()).collect();
        assert_eq!(world.issue_scopes(asked).await.unwrap_err(), IssueError::ScopeNotGranted { missing });
    }
    assert!(world.signer.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn b3_a_scope_that_the_api_defines_no_more_is_not_granted() {
    let world = World::new();
    world.registry.put_api(ResourceServer { scopes: ScopeSet::parse_delimited("write:it").unwrap(), ..api() });
    assert_eq!(world.issue().await.unwrap().scopes.to_delimited(), "write:it");
    assert!(world.issue_scopes("read:it").await.is_err());
}

#[tokio::test]
async fn a_grant_of_nothing_gives_a_token_without_scope() {
    let world = World::new();
    world.registry.put_grant(Some(""));
    let issued = world.issue().await.unwrap();
    assert!(issued.scopes.is_empty() && !issued.access_token.contains("scope"));
}

#[tokio::test]
async fn b2_no_token_is_for_nobody_in_particular() {
    let world = World::new();
    let request = TokenRequest { audience: None, ..world.request() };
    assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::AudienceMissing);
    world.registry.put_tenant(tenant(Some(API)));
    assert!(world.mint.issue(&request).await.unwrap().access_token.contains(r#""aud":"https://api.example/""#));
}

#[tokio::test]
async fn b2_an_unknown_audience_is_refused_to_the_letter() {
    let world = World::new();
    for text in ["https://api.example", "https://api.example/x", "HTTPS://api.example/", "https://other.example/"] {
        let audience: mintage_oauth::Audience = text.parse().unwrap();
        let request = TokenRequest { audience: Some(audience.clone()), ..world.request() };
        assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::AudienceUnknown { audience });
    }
}

#[tokio::test]
async fn a_client_without_a_grant_gets_nothing() {
    let world = World::new();
    world.registry.put_grant(None);
    let refusal = IssueError::ClientGrantMissing { client_id: CLIENT.parse().unwrap(), audience: API.parse().unwrap() };
    assert_eq!(world.issue().await.unwrap_err(), refusal);
}

#[tokio::test]
async fn a_client_that_may_not_use_the_grant_type_gets_nothing() {
    let world = World::new();
    world.registry.put_client(Client { grant_types: Vec::new(), ..world.client() });
    let refusal = IssueError::GrantTypeNotAllowed { grant_type: GrantType::ClientCredentials };
    assert_eq!(world.issue().await.unwrap_err(), refusal);
}

#[tokio::test]
async fn third_parties_get_no_token_that_a_shared_secret_signs_nor_one_for_the_management_api() {
    let world = World::new();
    for (party, algorithm, is_system, issued) in [
        (Party::Third, Algorithm::Es256, false, true),
        (Party::Third, Algorithm::Hs256, false, false),
        (Party::Third, Algorithm::Es256, true, false),
        (Party::First, Algorithm::Hs256, false, true),
        (Party::First, Algorithm::Es256, true, true),
    ] {
        world.registry.put_client(Client { party, ..world.client() });
        world.registry.put_api(ResourceServer { algorithm, is_system, ..api() });
        let outcome = world.issue().await;
        let refused = matches!(outcome, Err(IssueError::ThirdPartyRefused { .. }));
        assert_eq!((outcome.is_ok(), refused), (issued, !issued), "{party:?} {algorithm:?} {is_system}");
    }
}

#[tokio::test]
async fn the_issuer_is_the_one_asked_for_if_it_is_the_tenants() {
    let world = World::new();
    let asking = |issuer: &str| TokenRequest { issuer: Some(issuer.to_owned()), ..world.request() };
    let issued = world.mint.issue(&asking("https://login.example:8443/")).await.unwrap();
    assert!(issued.access_token.starts_with(r#"{"iss":"https://login.example:8443/","#));
    assert!(world.issue().await.unwrap().access_token.starts_with(r#"{"iss":"https://login.example/","#));
}

#[tokio::test]
async fn b22_no_other_issuer_is_ever_named() {
    let world = World::new();
    for issuer in
        ["https://evil.example/", "https://login.example", "https://login.example:443/", "https://LOGIN.example/"]
    {
        let request = TokenRequest { issuer: Some(issuer.to_owned()), ..world.request() };
        assert_eq!(world.mint.issue(&request).await.unwrap_err(), IssueError::IssuerUnknown);
    }
}

#[tokio::test]
async fn the_ring_is_the_tenants_and_with_hs256_the_apis_own() {
    let world = World::new();
    world.issue().await.unwrap();
    world.registry.put_api(ResourceServer { algorithm: Algorithm::Hs256, ..api() });
    world.issue().await.unwrap();
    let rings = world.signer.0.lock().unwrap();
    let named: Vec<_> = rings.iter().map(|(ring, _)| (ring.algorithm, ring.resource_server.as_deref())).collect();
    assert_eq!(named, [(Algorithm::Es256, None), (Algorithm::Hs256, Some("api_1"))]);
}

#[tokio::test]
async fn b32_between_two_requests_a_client_is_disabled_or_a_grant_deleted() {
    let world = World::new();
    assert!(world.issue().await.is_ok());
    world.registry.put_client(Client { enabled: false, ..world.client() });
    assert_eq!(world.issue().await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    world.registry.put_client(world.client());
    assert!(world.issue().await.is_ok());
    world.registry.put_grant(None);
    assert!(matches!(world.issue().await.unwrap_err(), IssueError::ClientGrantMissing { .. }));
}

#[tokio::test]
async fn what_was_prepared_dies_with_any_of_its_parts() {
    let world = World::new();
    assert!(world.issue().await.unwrap().access_token.contains("read:it write:it"));
    world.registry.put_grant(Some("delete:it"));
    assert!(world.issue().await.unwrap().access_token.contains(r#""scope":"delete:it""#));
    world.registry.put_api(ResourceServer { profile: mintage_oauth::TokenProfile::Rfc9068, ..api() });
    assert!(world.issue().await.unwrap().access_token.contains(r#""client_id":"client-1""#));
    let mapping = mintage_oauth::ClaimMapping {
        source: mintage_oauth::ClaimSource::ClientName,
        claim: "https://example.com/name".parse().unwrap(),
    };
    world.registry.put_client(Client { claim_mappings: vec![mapping], ..world.client() });
    assert!(world.issue().await.unwrap().access_token.contains(r#""https://example.com/name":"Tin"#));
}

fn some_of(scopes: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(scopes, 0..=scopes.len()).prop_shuffle()
}

const SCOPES: &[&str] = &["a", "A", "read:it", "write:it", "read:", "*", "delete:it"];

proptest! {
    #[test]
    fn b3_a_token_never_carries_more_than_was_asked_granted_and_defined(
        granted in some_of(SCOPES), defined in some_of(SCOPES), asked in some_of(SCOPES),
    ) {
        let world = World::new();
        world.registry.put_grant(Some(&granted.join(" ")));
        let scopes = defined.iter().map(|scope| scope.parse::<Scope>().unwrap()).collect();
        world.registry.put_api(ResourceServer { scopes, ..api() });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked_set = (!asked.is_empty()).then(|| ScopeSet::parse_each(&asked).unwrap());
        let request = TokenRequest { scopes: asked_set, ..world.request() };
        let outcome = runtime.block_on(world.mint.issue(&request));
        let allowed = |scope: &&str| granted.contains(scope) && defined.contains(scope);
        if asked.is_empty() {
            let all: Vec<_> = granted.iter().copied().filter(allowed).collect();
            prop_assert_eq!(outcome.unwrap().scopes.to_delimited(), all.join(" "));
        } else if asked.iter().all(allowed) {
            prop_assert_eq!(outcome.unwrap().scopes.to_delimited(), asked.join(" "));
        } else {
            let missing = asked.iter().filter(|scope| !allowed(scope)).map(|scope| scope.parse().unwrap()).collect();
            prop_assert_eq!(outcome.unwrap_err(), IssueError::ScopeNotGranted { missing });
        }
    }
}
