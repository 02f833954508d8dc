//! Nobody hands on more than they have.

use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::{
    Client, CreateClientGrantRequest, CreateClientSecretRequest, ResourceServer, UpdateClientGrantRequest,
    UpdateClientRequest, UpdateResourceServerRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_testkit::on_each_backend;

use crate::access::{token, with_token};
use crate::house::{House, definitions, mask, refused, texts};

const OWN: &str =
    "create:client_grants update:client_grants update:client_keys update:clients update:resource_servers read:clients";

#[tokio::test]
async fn an_operator_grants_no_management_scope_that_it_lacks() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (token, client) = (token(&house, "default", OWN).await, house.client_id().await);
        let mut grants = ClientGrantServiceClient::new(house.service.routes.clone());
        let new = |scopes: &[&str]| CreateClientGrantRequest {
            tenant_id: String::new(),
            client_id: client.clone(),
            audience: MANAGEMENT_AUDIENCE.to_owned(),
            scopes: texts(scopes),
        };
        let beyond = new(&["read:clients", "create:tenants", "delete:tenants"]);
        let reason =
            refused(grants.create_client_grant(with_token(beyond, &token)).await, ErrorReason::InsufficientScope);
        assert_eq!(reason.get("scopes"), "create:tenants delete:tenants", "those that are missing");
        let within = grants.create_client_grant(with_token(new(&["read:clients"]), &token)).await.expect("granted");
        let grant = within.into_inner().client_grant.expect("a grant");

        let scopes = |scopes: &[&str]| UpdateClientGrantRequest {
            tenant_id: String::new(),
            id: grant.id.clone(),
            scopes: texts(scopes),
        };
        let widened = grants.update_client_grant(with_token(scopes(&["read:clients", "create:tenants"]), &token)).await;
        assert_eq!(refused(widened, ErrorReason::InsufficientScope).get("scopes"), "create:tenants");
        grants.update_client_grant(with_token(scopes(&["update:clients"]), &token)).await.expect("it has that itself");
        house
            .grants()
            .update_client_grant(scopes(&["create:tenants", "read:tenants"]))
            .await
            .expect("the installation");
        let narrowed = grants.update_client_grant(with_token(scopes(&["read:tenants"]), &token)).await;
        narrowed.expect("what the client has already is not handed on");
    })
    .await;
}

#[tokio::test]
async fn an_operator_makes_no_credentials_that_are_worth_more_than_its_own() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let token = token(&house, "default", OWN).await;
        let (mighty, equal, plain) = (house.client_id().await, house.client_id().await, house.client_id().await);
        house.grant(&mighty, MANAGEMENT_AUDIENCE, &["read:clients", "create:tenants"]).await.expect("granted");
        house.grant(&equal, MANAGEMENT_AUDIENCE, &["read:clients"]).await.expect("granted");
        house.api("https://api.example/", SigningAlgorithm::Es256).await;
        house.grant(&plain, "https://api.example/", &["read"]).await.expect("granted");
        let mut clients = ClientServiceClient::new(house.service.routes.clone());
        let secret = |client_id: &str, revoke_others| CreateClientSecretRequest {
            client_id: client_id.to_owned(),
            revoke_others,
            ..Default::default()
        };
        for revoke_others in [false, true] {
            let outcome = clients.create_client_secret(with_token(secret(&mighty, revoke_others), &token)).await;
            assert_eq!(refused(outcome, ErrorReason::InsufficientScope).get("scopes"), "create:tenants");
        }
        for client in [&equal, &plain] {
            clients.create_client_secret(with_token(secret(client, false), &token)).await.expect("within its reach");
        }
        house.clients().create_client_secret(secret(&mighty, false)).await.expect("the installation");

        let enabled = |client_id: &str, enabled| UpdateClientRequest {
            client: Some(Client { client_id: client_id.to_owned(), enabled, ..Default::default() }),
            update_mask: mask(&["enabled"]),
        };
        for (client, to_life) in [(&mighty, Some("create:tenants")), (&equal, None), (&plain, None)] {
            clients.update_client(with_token(enabled(client, false), &token)).await.expect("to disable takes nothing");
            let outcome = clients.update_client(with_token(enabled(client, true), &token)).await;
            match to_life {
                Some(missing) => {
                    assert_eq!(refused(outcome, ErrorReason::InsufficientScope).get("scopes"), missing);
                }
                None => assert!(outcome.is_ok(), "{outcome:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_scopes_of_other_apis_are_not_the_operators_to_have() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let (token, client) = (token(&house, "default", OWN).await, house.client_id().await);
        let api = house.api("https://api.example/", SigningAlgorithm::Es256).await;
        let mut apis = ResourceServerServiceClient::new(house.service.routes.clone());
        // An API may well call a scope of its own as the Management API calls one.
        let new = ResourceServer { scopes: definitions(&["create:tenants"]), ..api };
        let update = UpdateResourceServerRequest { resource_server: Some(new), update_mask: mask(&["scopes"]) };
        apis.update_resource_server(with_token(update, &token)).await.expect("updates");
        let grant = CreateClientGrantRequest {
            tenant_id: String::new(),
            client_id: client,
            audience: "https://api.example/".to_owned(),
            scopes: texts(&["create:tenants"]),
        };
        let mut grants = ClientGrantServiceClient::new(house.service.routes.clone());
        grants.create_client_grant(with_token(grant, &token)).await.expect("it is no management scope there");

        let management = ResourceServer {
            identifier: MANAGEMENT_AUDIENCE.to_owned(),
            scopes: definitions(&["read:clients"]),
            ..Default::default()
        };
        let update = UpdateResourceServerRequest { resource_server: Some(management), update_mask: mask(&["scopes"]) };
        refused(apis.update_resource_server(with_token(update, &token)).await, ErrorReason::SystemObject);
    })
    .await;
}
