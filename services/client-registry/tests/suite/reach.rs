//! Nobody rules over a mightier one.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::{
    Client, ClientGrant, CreateClientGrantRequest, CreateClientRequest, CreateClientSecretRequest,
    DeleteClientGrantRequest, DeleteClientRequest, ResourceServer, RevokeClientSecretRequest, UpdateClientGrantRequest,
    UpdateClientRequest, UpdateResourceServerRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_testkit::on_each_backend;
use tonic::Status;

use crate::access::{token, with_token};
use crate::house::{House, definitions, mask, refused, texts};

const OWN: &str = "create:client_grants update:client_grants delete:client_grants update:client_keys update:clients \
                   delete:clients update:resource_servers read:clients";

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
        let kept = grants.update_client_grant(with_token(scopes(&["create:tenants", "read:tenants"]), &token)).await;
        assert_eq!(refused(kept, ErrorReason::InsufficientScope).get("scopes"), "create:tenants read:tenants");
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

        house.clients().update_client(enabled(&mighty, false)).await.expect("the installation");
        let outcome = clients.update_client(with_token(enabled(&mighty, true), &token)).await;
        assert_eq!(refused(outcome, ErrorReason::InsufficientScope).get("scopes"), "create:tenants");
    })
    .await;
}

fn enabled(client_id: &str, enabled: bool) -> UpdateClientRequest {
    UpdateClientRequest {
        client: Some(Client { client_id: client_id.to_owned(), enabled, ..Default::default() }),
        update_mask: mask(&["enabled"]),
    }
}

/// A client with a grant for the Management API and a second secret.
struct Held {
    client_id: String,
    grant: ClientGrant,
    secret_id: String,
}

impl Held {
    async fn with(house: &House, scopes: &[&str]) -> Self {
        let client_id = house.client_id().await;
        let grant = house.grant(&client_id, MANAGEMENT_AUDIENCE, scopes).await.expect("granted");
        let secret = CreateClientSecretRequest { client_id: client_id.clone(), ..Default::default() };
        let secret = house.clients().create_client_secret(secret).await.expect("made").into_inner().secret;
        Self { client_id, grant, secret_id: secret.expect("a secret").id }
    }

    /// Every way to touch it, those that end it last.
    async fn touch(&self, house: &House, token: &str) -> Vec<(&'static str, Result<(), Status>)> {
        let mut clients = ClientServiceClient::new(house.service.routes.clone());
        let mut grants = ClientGrantServiceClient::new(house.service.routes.clone());
        let (client_id, id) = (self.client_id.clone(), self.grant.id.clone());
        let scopes = |scopes: &[&str]| UpdateClientGrantRequest {
            tenant_id: String::new(),
            id: id.clone(),
            scopes: texts(scopes),
        };
        let widened: Vec<_> = self.grant.scopes.iter().map(String::as_str).chain(["update:clients"]).collect();
        let widened = grants.update_client_grant(with_token(scopes(&widened), token)).await.map(drop);
        let narrowed = grants.update_client_grant(with_token(scopes(&["read:clients"]), token)).await.map(drop);
        let mut outcomes = vec![("widen", widened), ("narrow", narrowed)];
        for (way, on) in [("disable", false), ("enable", true)] {
            let outcome = clients.update_client(with_token(enabled(&client_id, on), token)).await.map(drop);
            outcomes.push((way, outcome));
        }
        let (tenant_id, secret_id) = (String::new(), self.secret_id.clone());
        let revoke = RevokeClientSecretRequest { tenant_id, client_id: client_id.clone(), secret_id };
        outcomes.push(("revoke", clients.revoke_client_secret(with_token(revoke, token)).await.map(drop)));
        let secret = CreateClientSecretRequest { client_id: client_id.clone(), ..Default::default() };
        outcomes.push(("make", clients.create_client_secret(with_token(secret, token)).await.map(drop)));
        let delete = DeleteClientGrantRequest { tenant_id: String::new(), id };
        outcomes.push(("ungrant", grants.delete_client_grant(with_token(delete, token)).await.map(drop)));
        let delete = DeleteClientRequest { tenant_id: String::new(), client_id };
        outcomes.push(("delete", clients.delete_client(with_token(delete, token)).await.map(drop)));
        outcomes
    }
}

#[tokio::test]
async fn an_operator_touches_no_mightier_one() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let lesser = token(&house, "default", OWN).await;
        let equal = token(&house, "default", &format!("{OWN} create:tenants")).await;
        let mighty = Held::with(&house, &["read:clients", "create:tenants"]).await;
        for (way, outcome) in mighty.touch(&house, &lesser).await {
            assert!(outcome.is_err(), "{way}");
            assert_eq!(refused(outcome, ErrorReason::InsufficientScope).get("scopes"), "create:tenants", "{way}");
        }
        for (way, outcome) in mighty.touch(&house, &equal).await {
            assert!(outcome.is_ok(), "{way}: {outcome:?}");
        }
        let within = Held::with(&house, &["read:clients"]).await;
        for (way, outcome) in within.touch(&house, &lesser).await {
            assert!(outcome.is_ok(), "{way}: {outcome:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_client_of_other_apis_may_be_touched_by_whoever_may_touch_clients() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let token = token(&house, "default", OWN).await;
        let client_id = house.client(CreateClientRequest::default()).await.client.expect("a client").client_id;
        house.api("https://api.example/", SigningAlgorithm::Es256).await;
        let grant = house.grant(&client_id, "https://api.example/", &["read", "write"]).await.expect("granted");
        let mut clients = ClientServiceClient::new(house.service.routes.clone());
        let mut grants = ClientGrantServiceClient::new(house.service.routes.clone());
        let narrower =
            UpdateClientGrantRequest { tenant_id: String::new(), id: grant.id.clone(), scopes: texts(&["read"]) };
        grants.update_client_grant(with_token(narrower, &token)).await.expect("narrows");
        clients.update_client(with_token(enabled(&client_id, false), &token)).await.expect("disables");
        let delete = DeleteClientGrantRequest { tenant_id: String::new(), id: grant.id };
        grants.delete_client_grant(with_token(delete, &token)).await.expect("ends the grant");
        let delete = DeleteClientRequest { tenant_id: String::new(), client_id };
        clients.delete_client(with_token(delete, &token)).await.expect("deletes");
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
