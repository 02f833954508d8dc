//! What changes in the registry is true here at once.

use std::time::Duration;

use mintage_api::registry::change::Subject;
use mintage_api::registry::{ClientChange, ClientGrantChange, ResourceServer, ResourceServerChange, TenantChange};
use mintage_api::types::ErrorReason;

use super::rig::{API, CLIENT, Rig, reason, resource_server};

fn client_change() -> Subject {
    Subject::Client(ClientChange { client_id: CLIENT.to_owned() })
}

fn api_change() -> Subject {
    Subject::ResourceServer(ResourceServerChange { identifier: API.to_owned() })
}

#[tokio::test]
async fn b32_a_client_disabled_between_two_requests_gets_no_second_token() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.change(client_change(), |records| records.clients.get_mut(CLIENT).unwrap().enabled = false).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientAuthenticationFailed);
    rig.registry.change(client_change(), |records| records.clients.get_mut(CLIENT).unwrap().enabled = true).await;
    assert!(rig.issue().await.is_ok());
}

#[tokio::test]
async fn b32_a_secret_revoked_between_two_requests_opens_nothing() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.change(client_change(), |records| records.clients.get_mut(CLIENT).unwrap().secrets.clear()).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientAuthenticationFailed);
}

#[tokio::test]
async fn b32_a_grant_deleted_between_two_requests_gives_nothing() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    let change = ClientGrantChange { client_id: CLIENT.to_owned(), audience: API.to_owned() };
    rig.registry.change(Subject::ClientGrant(change), |records| records.client_grants.clear()).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientGrantMissing);
}

#[tokio::test]
async fn b32_a_deleted_client_is_a_stranger() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.change(client_change(), |records| records.clients.clear()).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientAuthenticationFailed);
}

#[tokio::test]
async fn an_api_that_comes_back_under_its_old_name_comes_without_its_old_grants() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry
        .change(api_change(), |records| {
            records.resource_servers.clear();
            records.client_grants.clear();
        })
        .await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::AudienceUnknown);
    let again = ResourceServer { id: "api_2".to_owned(), ..resource_server() };
    rig.registry.change(api_change(), |records| drop(records.resource_servers.insert(API.to_owned(), again))).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientGrantMissing);
}

#[tokio::test]
async fn a_changed_lifetime_is_that_of_the_next_token() {
    let rig = Rig::new().await;
    assert_eq!(rig.issue().await.unwrap().expires_in, 3600);
    rig.registry
        .change(api_change(), |records| {
            let api = records.resource_servers.get_mut(API).unwrap();
            api.token_lifetime = Some(prost_types::Duration { seconds: 60, nanos: 0 });
        })
        .await;
    assert_eq!(rig.issue().await.unwrap().expires_in, 60);
}

#[tokio::test]
async fn a_tenant_that_goes_away_takes_all_that_is_its_with_it() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.change(Subject::Tenant(TenantChange {}), |records| records.tenants.clear()).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientAuthenticationFailed);
    let tenant = mintage_api::registry::Tenant {
        id: "default".to_owned(),
        origins: vec!["https://login.example".to_owned()],
        ..Default::default()
    };
    let write = |records: &mut super::registry::Records| {
        records.clients.clear();
        records.tenants.insert("default".to_owned(), tenant);
    };
    rig.registry.change(Subject::Tenant(TenantChange {}), write).await;
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::ClientAuthenticationFailed);
}

#[tokio::test]
async fn what_the_feed_did_not_tell_is_not_read_again() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.write_silently(|records| records.clients.clear());
    assert!(rig.issue().await.is_ok());
}

#[tokio::test]
async fn without_the_registry_what_is_known_serves_for_a_minute_and_then_nothing_does() {
    let rig = Rig::new().await;
    assert!(rig.issue().await.is_ok());
    rig.registry.break_down();
    rig.clock.advance(Duration::from_secs(59));
    assert!(rig.issue().await.is_ok());
    rig.clock.advance(Duration::from_secs(2));
    assert_eq!(reason(rig.issue().await).reason, ErrorReason::TemporarilyUnavailable);
}
