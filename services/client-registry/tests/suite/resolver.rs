//! ResolverService.

use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{
    Client, CreateResourceServerRequest, DeleteClientGrantRequest, DeleteResourceServerRequest, DeleteTenantRequest,
    ResolveClientGrantRequest, ResolveClientRequest, ResolveLongestTokenRequest, ResolveOperatorRequest,
    ResolveResourceServerRequest, ResolveTenantRequest, Tenant, UpdateClientRequest, UpdateTenantRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::ServiceName;
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused};

const API: &str = "https://api.example/";

fn by_origin(origin: &str) -> ResolveTenantRequest {
    ResolveTenantRequest { by: Some(By::Origin(origin.to_owned())) }
}

fn client(client_id: &str) -> ResolveClientRequest {
    ResolveClientRequest { tenant_id: "default".to_owned(), client_id: client_id.to_owned() }
}

#[tokio::test]
async fn b22_a_tenant_is_found_on_its_registered_origins_only() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for (origin, found) in [
            ("https://default.example", true),
            ("https://DEFAULT.example:443", true),
            ("http://default.example", false),
            ("https://default.example:8443", false),
            ("https://evil.example", false),
            ("https://default.example.evil.example", false),
            ("nonsense", false),
        ] {
            let answer = house.resolver().resolve_tenant(by_origin(origin)).await.expect("answers").into_inner();
            assert_eq!(answer.tenant.is_some(), found, "{origin}");
        }
        let by_id = ResolveTenantRequest { by: Some(By::Id("default".to_owned())) };
        assert!(house.resolver().resolve_tenant(by_id).await.expect("answers").into_inner().tenant.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_comes_back_under_its_old_id_is_another_and_a_changed_one_is_not() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let incarnation = async |id: &str| {
            let by_id = ResolveTenantRequest { by: Some(By::Id(id.to_owned())) };
            house.resolver().resolve_tenant(by_id).await.expect("answers").into_inner().incarnation
        };
        assert_eq!(incarnation("acme").await, "");
        house.create_tenant("acme").await.expect("a tenant");
        let first = incarnation("acme").await;
        assert!(!first.is_empty() && first != incarnation("default").await);
        let renamed = Tenant { id: "acme".to_owned(), display_name: "Acme".to_owned(), ..Tenant::default() };
        let update = UpdateTenantRequest { tenant: Some(renamed), update_mask: mask(&["display_name"]) };
        house.tenants().update_tenant(update).await.expect("updates");
        assert_eq!(incarnation("acme").await, first);
        house.tenants().delete_tenant(DeleteTenantRequest { id: "acme".to_owned() }).await.expect("deletes");
        assert_eq!(incarnation("acme").await, "");
        house.until_settled_of("acme").await;
        house.create_tenant("acme").await.expect("a tenant again");
        let second = incarnation("acme").await;
        assert!(!second.is_empty() && second != first);
    })
    .await;
}

#[tokio::test]
async fn the_longest_life_of_a_token_is_that_of_the_apis_there_are() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let longest = async |algorithm: SigningAlgorithm, api: &str| {
            let request = ResolveLongestTokenRequest {
                tenant_id: "default".to_owned(),
                algorithm: algorithm.into(),
                resource_server_id: api.to_owned(),
            };
            let mut asked = ResolverServiceClient::new(house.transport(ServiceName::KEY_MANAGEMENT));
            let answer = asked.resolve_longest_token(request).await.expect("an answer").into_inner();
            answer.longest_token.map(|length| length.seconds)
        };
        assert_eq!(
            longest(SigningAlgorithm::Es256, "").await,
            Some(3600),
            "an ID token, which there may be at any time"
        );
        assert_eq!(longest(SigningAlgorithm::Rs256, "").await, Some(3600));
        assert_eq!(longest(SigningAlgorithm::Ps256, "").await, None);
        let api = |name: &str, algorithm: SigningAlgorithm, seconds| CreateResourceServerRequest {
            identifier: format!("https://{name}.example/"),
            signing_algorithm: algorithm.into(),
            token_lifetime: Some(prost_types::Duration { seconds, nanos: 0 }),
            ..Default::default()
        };
        let mut made = Vec::new();
        for (name, algorithm, seconds) in [
            ("hours", SigningAlgorithm::Es256, 7200),
            ("minute", SigningAlgorithm::Es256, 60),
            ("one", SigningAlgorithm::Hs256, 120),
            ("other", SigningAlgorithm::Hs256, 240),
        ] {
            let answer = house.apis().create_resource_server(api(name, algorithm, seconds)).await.expect("an API");
            made.push(answer.into_inner().resource_server.expect("an API").id);
        }
        assert_eq!(longest(SigningAlgorithm::Es256, "").await, Some(7200));
        assert_eq!(longest(SigningAlgorithm::Hs256, &made[2]).await, Some(120));
        let gone = DeleteResourceServerRequest { tenant_id: String::new(), id: made[0].clone() };
        house.apis().delete_resource_server(gone).await.expect("it goes");
        assert_eq!(longest(SigningAlgorithm::Es256, "").await, Some(3600));
    })
    .await;
}

#[tokio::test]
async fn absence_is_an_answer_with_a_revision() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut resolver = house.resolver();
        let answer = resolver.resolve_client(client("nobody")).await.expect("answers").into_inner();
        assert_eq!((answer.client, answer.revision), (None, 2), "the tenant and its API were written");
        let api = ResolveResourceServerRequest { tenant_id: "none".to_owned(), identifier: API.to_owned() };
        assert_eq!(resolver.resolve_resource_server(api).await.expect("answers").into_inner().resource_server, None);
        let grant = ResolveClientGrantRequest {
            tenant_id: "Not A Tenant".to_owned(),
            client_id: "\0".to_owned(),
            audience: String::new(),
        };
        assert_eq!(resolver.resolve_client_grant(grant).await.expect("answers").into_inner().client_grant, None);
    })
    .await;
}

#[tokio::test]
async fn the_token_service_gets_all_it_needs() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let id = house.client_id().await;
        let grant = house.grant(&id, API, &["read"]).await.expect("granted");
        let mut resolver = house.resolver();
        let disabled = Client { client_id: id.clone(), ..Default::default() };
        let disable = UpdateClientRequest { client: Some(disabled), update_mask: mask(&["enabled"]) };
        house.clients().update_client(disable).await.expect("disables");
        let answer = resolver.resolve_client(client(&id)).await.expect("answers").into_inner();
        let record = answer.client.expect("disabled clients too");
        assert_eq!((record.enabled, record.secrets.len()), (false, 1));
        assert_eq!(answer.revision, 6, "tenant, its API, API, client, grant, change of the client");
        let request = ResolveResourceServerRequest { tenant_id: "default".to_owned(), identifier: API.to_owned() };
        let answer = resolver.resolve_resource_server(request).await.expect("answers").into_inner();
        assert_eq!(answer.resource_server.as_ref(), Some(&api));
        // A token is for an identifier: the id is no name for it here.
        let request = ResolveResourceServerRequest { tenant_id: "default".to_owned(), identifier: api.id };
        assert_eq!(
            resolver.resolve_resource_server(request).await.expect("answers").into_inner().resource_server,
            None
        );
        let request =
            ResolveClientGrantRequest { tenant_id: "default".to_owned(), client_id: id, audience: API.to_owned() };
        let record = resolver.resolve_client_grant(request).await.expect("answers").into_inner().client_grant;
        let record = record.expect("a grant");
        assert_eq!((record.id, record.scopes), (grant.id, grant.scopes));
    })
    .await;
}

#[tokio::test]
async fn the_edge_sees_tenants_and_no_clients() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let mut edge = ResolverServiceClient::new(house.transport(ServiceName::EDGE));
        edge.resolve_tenant(by_origin("https://default.example")).await.expect("answers");
        refused(edge.resolve_client(client("x")).await, ErrorReason::MethodRefused);
    })
    .await;
}

#[tokio::test]
async fn an_operator_is_an_enabled_client_with_a_grant_for_the_management_api() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let client_id = house.client_id().await;
        let standing = async |tenant: &str| {
            let request = ResolveOperatorRequest { tenant_id: tenant.to_owned(), client_id: client_id.clone() };
            house.resolver().resolve_operator(request).await.expect("answers").into_inner().operator
        };
        assert_eq!(standing("default").await, None, "no grant yet");
        let grant = house.grant(&client_id, MANAGEMENT_AUDIENCE, &["read:clients"]).await.expect("a grant");
        let operator = standing("default").await.expect("an operator");
        assert_eq!(operator.issuers, ["https://default.example/"]);
        assert_eq!(operator.scopes, ["read:clients"]);
        assert_eq!(standing("acme").await, None, "the client is another tenant's");
        for enabled in [false, true] {
            let client = Client { client_id: client_id.clone(), enabled, ..Client::default() };
            let update = UpdateClientRequest { client: Some(client), update_mask: mask(&["enabled"]) };
            house.clients().update_client(update).await.expect("updates");
            assert_eq!(standing("default").await.is_some(), enabled);
        }
        let gone = DeleteClientGrantRequest { id: grant.id, ..Default::default() };
        house.grants().delete_client_grant(gone).await.expect("deletes");
        assert_eq!(standing("default").await, None);
    })
    .await;
}
