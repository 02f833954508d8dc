//! The way through the records, walked once for as long as nothing changes.

use std::sync::atomic::Ordering;

use mintage_token::domain::records::Client;
use mintage_token::domain::{IssueError, TokenRequest};

use super::fakes::{CLIENT, World, api};

#[tokio::test]
async fn the_second_request_like_the_first_looks_nothing_up() {
    let world = World::new();
    let first = world.issue().await.unwrap();
    let lookups = world.registry.lookups.load(Ordering::SeqCst);
    let second = world.issue().await.unwrap();
    assert_eq!(world.registry.lookups.load(Ordering::SeqCst), lookups);
    assert_eq!(first.scopes, second.scopes);
}

#[tokio::test]
async fn a_shortcut_still_asks_for_the_secret_the_issuer_and_the_scopes() {
    let world = World::new();
    assert!(world.issue().await.is_ok());
    assert_eq!(world.try_secret(CLIENT, "wrong").await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    let foreign = TokenRequest { issuer: Some("https://evil.example/".to_owned()), ..world.request() };
    assert_eq!(world.mint.issue(&foreign).await.unwrap_err(), IssueError::IssuerUnknown);
    let greedy = TokenRequest { scopes: Some(["delete:it".parse().unwrap()].into_iter().collect()), ..world.request() };
    assert!(matches!(world.mint.issue(&greedy).await.unwrap_err(), IssueError::ScopeNotGranted { .. }));
}

#[tokio::test]
async fn no_shortcut_outlives_a_change_of_what_it_rests_on() {
    let world = World::new();
    assert_eq!(world.issue().await.unwrap().scopes.len(), 2);
    world.registry.put_grant(Some("read:it"));
    assert_eq!(world.issue().await.unwrap().scopes.len(), 1);
    world.registry.put_client(Client { enabled: false, ..world.client() });
    assert_eq!(world.issue().await.unwrap_err(), IssueError::ClientAuthenticationFailed);
    world.registry.put_client(world.client());
    assert!(world.issue().await.is_ok());
    let mut slower = api();
    slower.lifetime = mintage_oauth::TokenLifetime::from_seconds(7).unwrap();
    world.registry.put_api(slower);
    assert_eq!(world.issue().await.unwrap().expires_in, 7);
}
