//! ClientGrantService.

use mintage_api::registry::{
    CreateClientRequest, DeleteClientGrantRequest, GetClientGrantRequest, ListClientGrantsRequest, Party,
    UpdateClientGrantRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_testkit::on_each_backend;

use crate::house::{House, refused, texts};

const API: &str = "https://api.example/";

#[tokio::test]
async fn a_grant_lives_its_life() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        let grant = house.grant(&client, API, &["write", "read"]).await.expect("granted");
        assert_eq!((grant.client_id.as_str(), grant.audience.as_str()), (client.as_str(), API));
        assert_eq!(grant.scopes, ["write", "read"], "in the order given");
        let update =
            UpdateClientGrantRequest { tenant_id: String::new(), id: grant.id.clone(), scopes: texts(&["read"]) };
        let updated = house.grants().update_client_grant(update).await.expect("updates").into_inner();
        assert_eq!(updated.client_grant.expect("a grant").scopes, ["read"]);
        let delete = DeleteClientGrantRequest { tenant_id: String::new(), id: grant.id.clone() };
        house.grants().delete_client_grant(delete.clone()).await.expect("deletes");
        let get = GetClientGrantRequest { tenant_id: String::new(), id: grant.id };
        refused(house.grants().get_client_grant(get).await, ErrorReason::NotFound);
        refused(house.grants().delete_client_grant(delete).await, ErrorReason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn b3_a_scope_the_api_does_not_define_is_not_granted() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        for scopes in [&["admin"][..], &["read", "READ"], &["read", "read"], &[""], &["*"], &["read write"]] {
            let reason = refused(house.grant(&client, API, scopes).await, ErrorReason::ParameterInvalid);
            assert_eq!(reason.get("parameter"), "scopes", "{scopes:?}");
        }
        let grant = house.grant(&client, API, &["read"]).await.expect("granted");
        let update = UpdateClientGrantRequest { tenant_id: String::new(), id: grant.id, scopes: texts(&["admin"]) };
        refused(house.grants().update_client_grant(update).await, ErrorReason::ParameterInvalid);
    })
    .await;
}

#[tokio::test]
async fn a_third_party_never_gets_an_hs256_api_or_the_management_api() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Hs256).await;
        house.api("https://open.example/", SigningAlgorithm::Es256).await;
        let partner = CreateClientRequest { party: Party::Third.into(), ..Default::default() };
        let partner = house.client(partner).await.client.expect("a client").client_id;
        for (audience, scope) in [(API, "read"), (MANAGEMENT_AUDIENCE, "read:clients")] {
            let reason = refused(house.grant(&partner, audience, &[scope]).await, ErrorReason::ThirdPartyRefused);
            assert_eq!((reason.get("client_id"), reason.get("audience")), (partner.as_str(), audience));
        }
        house.grant(&partner, "https://open.example/", &["read"]).await.expect("granted");
        let own = house.client_id().await;
        house.grant(&own, API, &["read"]).await.expect("granted");
        house.grant(&own, MANAGEMENT_AUDIENCE, &["read:clients"]).await.expect("granted");
    })
    .await;
}

#[tokio::test]
async fn a_client_has_one_grant_for_an_api() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        house.grant(&client, API, &[]).await.expect("granted");
        let reason = refused(house.grant(&client, API, &["read"]).await, ErrorReason::Conflict);
        assert_eq!(reason.get("kind"), "client_grant");
        let kinds = [(client.as_str(), "https://none.example/", "resource_server"), ("nobody", API, "client")];
        for (client, audience, kind) in kinds {
            let outcome = house.grant(client, audience, &["read"]).await;
            assert_eq!(refused(outcome, ErrorReason::NotFound).get("kind"), kind);
        }
    })
    .await;
}

#[tokio::test]
async fn an_api_is_granted_by_identifier_and_not_by_id() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        refused(house.grant(&client, &api.id, &["read"]).await, ErrorReason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn grants_are_listed_by_client_and_by_api() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        house.api("https://b.example/", SigningAlgorithm::Es256).await;
        let (first, second) = (house.client_id().await, house.client_id().await);
        for client in [&first, &second] {
            house.grant(client, API, &["read"]).await.expect("granted");
        }
        house.grant(&first, "https://b.example/", &["read"]).await.expect("granted");
        for (client_id, audience, expected) in
            [("", "", 3), (first.as_str(), "", 2), ("", API, 2), (second.as_str(), "https://b.example/", 0)]
        {
            let request = ListClientGrantsRequest {
                client_id: client_id.to_owned(),
                audience: audience.to_owned(),
                ..Default::default()
            };
            let listed = house.grants().list_client_grants(request).await.expect("lists").into_inner();
            assert_eq!(listed.client_grants.len(), expected, "{client_id:?} {audience:?}");
        }
    })
    .await;
}
