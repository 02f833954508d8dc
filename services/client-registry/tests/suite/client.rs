//! ClientService.

use std::collections::HashMap;

use mintage_api::registry::{
    ClaimMapping, Client, CreateClientRequest, DeleteClientRequest, GetClientGrantRequest, GetClientRequest, Party,
    ResolveClientRequest, UpdateClientRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_oauth::ClientSecret;
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused, texts};

fn get(client_id: &str) -> GetClientRequest {
    GetClientRequest { tenant_id: String::new(), client_id: client_id.to_owned() }
}

fn named(name: &str) -> CreateClientRequest {
    CreateClientRequest { name: name.to_owned(), ..Default::default() }
}

fn metadata(pairs: usize) -> HashMap<String, String> {
    (0..pairs).map(|number| (format!("key{number}"), "value".to_owned())).collect()
}

#[tokio::test]
async fn a_created_client_shows_its_secret_this_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let request = CreateClientRequest { secret_label: "on the cluster".to_owned(), ..named("billing") };
        let created = house.client(request).await;
        let secret: ClientSecret = created.client_secret.parse().expect("a well-formed secret");
        let client = created.client.expect("a client");
        assert_eq!((client.party(), client.enabled), (Party::First, true));
        assert_eq!(client.grant_types, ["client_credentials"]);
        assert_eq!(client.secrets.len(), 1);
        assert_eq!(
            (client.secrets[0].label.as_str(), client.secrets[0].hint.as_str()),
            ("on the cluster", secret.hint())
        );
        let found = house.clients().get_client(get(&client.client_id)).await.expect("found").into_inner();
        assert_eq!(found.client.as_ref(), Some(&client));
        assert!(!format!("{found:?}").contains(&created.client_secret));
    })
    .await;
}

#[tokio::test]
async fn a_third_partys_client_id_says_so() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let request = CreateClientRequest { party: Party::Third.into(), ..named("a partner") };
        let client = house.client(request).await.client.expect("a client");
        assert_eq!(client.party(), Party::Third);
        assert!(client.client_id.starts_with("tpc_"), "{}", client.client_id);
    })
    .await;
}

#[tokio::test]
async fn only_the_masked_fields_of_a_client_change() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let created = house.client(CreateClientRequest { metadata: metadata(2), ..named("before") }).await;
        let client = created.client.expect("a client");
        house.clock.advance(std::time::Duration::from_secs(1));
        let mapping = ClaimMapping { source: "client.name".to_owned(), claim: "https://a.example/name".to_owned() };
        let new = Client {
            client_id: client.client_id.clone(),
            name: "after".to_owned(),
            claim_mappings: vec![mapping.clone()],
            ..Default::default()
        };
        let request = |paths: &[&str]| UpdateClientRequest { client: Some(new.clone()), update_mask: mask(paths) };
        let updated = house.clients().update_client(request(&["name", "enabled", "claim_mappings"])).await;
        let updated = updated.expect("updates").into_inner().client.expect("a client");
        let expected = Client {
            name: "after".to_owned(),
            enabled: false,
            claim_mappings: vec![mapping],
            updated_at: updated.updated_at,
            ..client.clone()
        };
        assert_eq!(updated, expected);
        assert_ne!(updated.updated_at, client.updated_at);
        for paths in [&["party"][..], &["client_id"], &["secrets"], &["name", "*"]] {
            refused(house.clients().update_client(request(paths)).await, ErrorReason::ParameterInvalid);
        }
        let missing = refused(house.clients().update_client(request(&[])).await, ErrorReason::ParameterMissing);
        assert_eq!(missing.get("parameter"), "update_mask");
    })
    .await;
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_name() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mapping = |source: &str, claim: &str| {
            let mapping = ClaimMapping { source: source.to_owned(), claim: claim.to_owned() };
            CreateClientRequest { claim_mappings: vec![mapping.clone(), mapping], ..named("x") }
        };
        let one = |source: &str, claim: &str| {
            let mut request = mapping(source, claim);
            request.claim_mappings.truncate(1);
            request
        };
        let cases = [
            (CreateClientRequest { name: "n".repeat(129), ..Default::default() }, "name"),
            (named("a\0b"), "name"),
            (CreateClientRequest { metadata: metadata(11), ..named("x") }, "metadata"),
            (CreateClientRequest { party: 9, ..named("x") }, "party"),
            (CreateClientRequest { grant_types: texts(&["password"]), ..named("x") }, "grant_types"),
            (CreateClientRequest { secret_label: "l".repeat(65), ..named("x") }, "secret_label"),
            (mapping("tier", "https://a.example/tier"), "claim_mappings"),
            (one("tier", "scope"), "claim_mappings.claim"),
            (one("tier", "https://x.auth0.com/tier"), "claim_mappings.claim"),
        ];
        for (request, parameter) in cases {
            let reason = refused(house.clients().create_client(request).await, ErrorReason::ParameterInvalid);
            assert_eq!(reason.get("parameter"), parameter);
        }
        let nameless = house.clients().create_client(CreateClientRequest::default()).await;
        assert_eq!(refused(nameless, ErrorReason::ParameterMissing).get("parameter"), "name");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_client_takes_its_secrets_and_grants_with_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (gone, kept) = (house.client_id().await, house.client_id().await);
        house.api("https://api.example/", SigningAlgorithm::Es256).await;
        let grant = house.grant(&gone, "https://api.example/", &["read"]).await.expect("granted");
        house.grant(&kept, "https://api.example/", &["read"]).await.expect("granted");
        let delete = DeleteClientRequest { tenant_id: String::new(), client_id: gone.clone() };
        house.clients().delete_client(delete.clone()).await.expect("deletes");
        refused(house.clients().get_client(get(&gone)).await, ErrorReason::NotFound);
        refused(house.clients().delete_client(delete).await, ErrorReason::NotFound);
        let grant = GetClientGrantRequest { tenant_id: String::new(), id: grant.id };
        refused(house.grants().get_client_grant(grant).await, ErrorReason::NotFound);
        let resolve = ResolveClientRequest { tenant_id: "default".to_owned(), client_id: gone };
        assert_eq!(house.resolver().resolve_client(resolve).await.expect("answers").into_inner().client, None);
        house.clients().get_client(get(&kept)).await.expect("the other client stays");
    })
    .await;
}

#[tokio::test]
async fn a_name_that_cannot_be_is_not_found() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for impossible in ["'; DROP TABLE client; --", "\0", "../../etc", &"x".repeat(5000)] {
            refused(house.clients().get_client(get(impossible)).await, ErrorReason::NotFound);
        }
        refused(house.clients().get_client(get("")).await, ErrorReason::ParameterMissing);
    })
    .await;
}
