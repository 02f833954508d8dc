//! Secrets: two live at once, known only by their hash.

use std::time::Duration;

use mintage_api::registry::{
    ClientSecret, CreateClientRequest, CreateClientSecretRequest, CreateClientSecretResponse, GetClientRequest,
    ReportSecretUseRequest, ResolveClientRequest, RevokeClientSecretRequest, SecretRecord, SecretUse,
};
use mintage_api::types::ErrorReason;
use mintage_oauth::SecretHash;
use mintage_testkit::on_each_backend;
use tonic::Status;

use crate::house::{House, pepper, refused};

fn one_more(client_id: &str) -> CreateClientSecretRequest {
    CreateClientSecretRequest { client_id: client_id.to_owned(), ..Default::default() }
}

async fn add(house: &House, request: CreateClientSecretRequest) -> Result<CreateClientSecretResponse, Status> {
    house.clients().create_client_secret(request).await.map(tonic::Response::into_inner)
}

#[expect(clippy::expect_used, reason = "the client of the test is there")]
async fn secrets(house: &House, client_id: &str) -> Vec<ClientSecret> {
    let request = GetClientRequest { tenant_id: String::new(), client_id: client_id.to_owned() };
    house.clients().get_client(request).await.expect("found").into_inner().client.expect("a client").secrets
}

#[expect(clippy::expect_used, reason = "the client of the test is there")]
async fn records(house: &House, client_id: &str) -> Vec<SecretRecord> {
    let request = ResolveClientRequest { tenant_id: "default".to_owned(), client_id: client_id.to_owned() };
    house.resolver().resolve_client(request).await.expect("found").into_inner().client.expect("a client").secrets
}

fn at(house: &House, from_now: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: house.clock.now().unix_seconds() + from_now, nanos: 0 }
}

#[tokio::test]
async fn b4_only_the_keyed_hash_of_a_generated_secret_is_kept() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let created = house.client(CreateClientRequest::default()).await;
        let client = created.client.expect("a client");
        let record = records(&house, &client.client_id).await.remove(0);
        let stored = SecretHash::from_stored(record.scheme, &record.hash).expect("a known scheme");
        assert!(stored.matches(&pepper().hash_presented(&created.client_secret)));
        assert!(!stored.matches(&pepper().hash_presented("mcs_wrong")));
        assert_eq!(record.id, client.secrets[0].id);
    })
    .await;
}

#[tokio::test]
async fn two_secrets_live_at_once_and_no_third() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client_id().await;
        house.clock.advance(Duration::from_secs(1));
        let labelled = CreateClientSecretRequest { label: "next".to_owned(), ..one_more(&client) };
        let second = add(&house, labelled).await.expect("a second").secret.expect("a secret");
        let reason = refused(add(&house, one_more(&client)).await, ErrorReason::LimitReached);
        assert_eq!(reason.get("limit"), "2 live secrets");
        let held = secrets(&house, &client).await;
        assert_eq!((held.len(), &held[1]), (2, &second));
    })
    .await;
}

#[tokio::test]
async fn an_expired_secret_makes_room() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client_id().await;
        let brief = CreateClientSecretRequest { not_after: Some(at(&house, 60)), ..one_more(&client) };
        let brief = add(&house, brief).await.expect("a second").secret.expect("a secret");
        refused(add(&house, one_more(&client)).await, ErrorReason::LimitReached);
        house.clock.advance(Duration::from_secs(60));
        add(&house, one_more(&client)).await.expect("there is room again");
        assert!(secrets(&house, &client).await.iter().all(|secret| secret.id != brief.id));
        let past = CreateClientSecretRequest { not_after: Some(at(&house, 0)), ..one_more(&client) };
        assert_eq!(refused(add(&house, past).await, ErrorReason::ParameterInvalid).get("parameter"), "not_after");
    })
    .await;
}

#[tokio::test]
async fn a_secret_may_end_all_others_in_the_same_write() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client_id().await;
        add(&house, one_more(&client)).await.expect("a second");
        let alone = CreateClientSecretRequest { revoke_others: true, ..one_more(&client) };
        let only = add(&house, alone).await.expect("replaces").secret.expect("a secret");
        assert_eq!(secrets(&house, &client).await, [only]);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_secret_is_gone_at_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (client, other) = (house.client_id().await, house.client_id().await);
        let secret_id = secrets(&house, &client).await.remove(0).id;
        let revoke = |client_id: &str| RevokeClientSecretRequest {
            tenant_id: String::new(),
            client_id: client_id.to_owned(),
            secret_id: secret_id.clone(),
        };
        // Not through another client.
        refused(house.clients().revoke_client_secret(revoke(&other)).await, ErrorReason::NotFound);
        house.clients().revoke_client_secret(revoke(&client)).await.expect("revokes");
        assert_eq!(records(&house, &client).await, []);
        let again = house.clients().revoke_client_secret(revoke(&client)).await;
        assert_eq!(refused(again, ErrorReason::NotFound).get("kind"), "client_secret");
    })
    .await;
}

#[tokio::test]
async fn the_latest_use_of_a_secret_is_known() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client = house.client_id().await;
        let secret_id = secrets(&house, &client).await.remove(0).id;
        let used = |from_now| SecretUse {
            tenant_id: "default".to_owned(),
            secret_id: secret_id.clone(),
            used_at: Some(at(&house, from_now)),
        };
        for (uses, expected) in [
            (vec![used(-60)], -60),
            (vec![used(-5), used(-30)], -5),
            (vec![used(-90)], -5),
            // Another machine's clock runs ahead.
            (vec![used(3600)], 0),
        ] {
            house.resolver().report_secret_use(ReportSecretUseRequest { uses }).await.expect("noted");
            assert_eq!(secrets(&house, &client).await[0].last_used_at, Some(at(&house, expected)));
        }
        // A change of the client does not forget it.
        house.clock.advance(Duration::from_secs(1));
        add(&house, one_more(&client)).await.expect("a second");
        assert_eq!(secrets(&house, &client).await[0].last_used_at, Some(at(&house, -1)));
    })
    .await;
}

#[tokio::test]
async fn a_report_of_too_many_uses_is_refused() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let uses = vec![SecretUse::default(); 1001];
        let outcome = house.resolver().report_secret_use(ReportSecretUseRequest { uses }).await;
        refused(outcome, ErrorReason::LimitReached);
    })
    .await;
}
