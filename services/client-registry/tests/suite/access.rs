//! Who may call what.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::collections::BTreeSet;

use mintage_api::keys::PublicJwk;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientRequest, CreateTenantRequest, DeleteTenantRequest, GetTenantRequest,
    ListClientsRequest, ListTenantsRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::Routes;
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_client_registry::ACCESS;
use mintage_jose::{Algorithm, PrivateKey, Signer};
use mintage_testkit::{on_each_backend, randomness};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Request;

use crate::house::{House, refused};

#[test]
fn every_method_has_its_row_and_every_row_its_method() {
    let files = FileDescriptorSet::decode(mintage_api::FILE_DESCRIPTOR_SET).expect("descriptors").file;
    let services = files.iter().filter(|file| file.package() == "mintage.registry.v1").flat_map(|file| &file.service);
    let methods: BTreeSet<_> = services
        .flat_map(|service| {
            service.method.iter().map(|method| format!("/mintage.registry.v1.{}/{}", service.name(), method.name()))
        })
        .collect();
    let rows: BTreeSet<_> = ACCESS.iter().map(|row| row.method.to_owned()).collect();
    assert_eq!(rows, methods);
    assert_eq!(rows.len(), ACCESS.len(), "one row a method");
}

/// A token for the Management API, of a client that `tenant` granted `scope`, signed by a key of the tenant.
pub(crate) async fn token(house: &House, tenant: &str, scope: &str) -> String {
    let client_id = operator(house, tenant, scope).await;
    let key = PrivateKey::generate(Algorithm::Es256, &randomness()).expect("a key");
    let jwk = key.public_jwk().expect("a public half");
    let public = PublicJwk { algorithm: SigningAlgorithm::Es256.into(), jwk: jwk.to_string() };
    house.keys.know(key.kid().to_string(), tenant, public);
    let now = house.clock.now().unix_seconds();
    let claims = format!(
        r#"{{"iss":"https://{tenant}.example/","sub":"{client_id}@clients","aud":"{MANAGEMENT_AUDIENCE}","iat":{now},"exp":{},"scope":"{scope}","client_id":"{client_id}"}}"#,
        now + 60
    );
    Signer::new(&key).expect("a signer").sign_compact("at+jwt", claims.as_bytes()).expect("signed")
}

async fn operator(house: &House, tenant: &str, scope: &str) -> String {
    let tenant_id = tenant.to_owned();
    let client = house.client(CreateClientRequest { tenant_id: tenant_id.clone(), ..Default::default() }).await;
    let client_id = client.client.expect("a client").client_id;
    let grant = CreateClientGrantRequest {
        tenant_id,
        client_id: client_id.clone(),
        audience: MANAGEMENT_AUDIENCE.to_owned(),
        scopes: scope.split(' ').map(str::to_owned).collect(),
    };
    house.grants().create_client_grant(grant).await.expect("a grant");
    client_id
}

pub(crate) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().expect("a header value");
    request.metadata_mut().insert("authorization", value);
    request
}

#[tokio::test]
async fn an_operator_acts_within_its_scopes_and_its_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.create_tenant("acme").await.expect("creates");
        let token = token(&house, "acme", "read:clients read:tenants delete:tenants").await;
        let door: Routes = house.service.routes.clone();
        let (mut clients, mut tenants) = (ClientServiceClient::new(door.clone()), TenantServiceClient::new(door));
        let of = |tenant: &str| ListClientsRequest { tenant_id: tenant.to_owned(), ..Default::default() };

        for own in ["", "acme"] {
            clients.list_clients(with_token(of(own), &token)).await.expect("its own tenant");
        }
        refused(clients.list_clients(with_token(of("default"), &token)).await, ErrorReason::MethodRefused);
        let own = tenants.get_tenant(with_token(GetTenantRequest::default(), &token)).await.expect("its own");
        assert_eq!(own.into_inner().tenant.expect("a tenant").id, "acme");
        let all = tenants.list_tenants(with_token(ListTenantsRequest::default(), &token)).await;
        refused(all, ErrorReason::MethodRefused);
        let itself = DeleteTenantRequest { id: "acme".to_owned() };
        refused(tenants.delete_tenant(with_token(itself, &token)).await, ErrorReason::MethodRefused);
        let create = with_token(CreateTenantRequest::default(), &token);
        let reason = refused(tenants.create_tenant(create).await, ErrorReason::InsufficientScope);
        assert_eq!(reason.get("scopes"), "create:tenants");
        refused(clients.list_clients(of("")).await, ErrorReason::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn an_operator_of_the_default_tenant_acts_for_every_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.create_tenant("acme").await.expect("creates");
        let token = token(&house, "default", "read:tenants").await;
        let mut tenants = TenantServiceClient::new(house.service.routes.clone());
        let found = tenants.get_tenant(with_token(GetTenantRequest { id: "acme".to_owned() }, &token)).await;
        assert_eq!(found.expect("found").into_inner().tenant.expect("a tenant").id, "acme");
        let all = tenants.list_tenants(with_token(ListTenantsRequest::default(), &token)).await.expect("lists");
        assert_eq!(all.into_inner().tenants.len(), 2);
    })
    .await;
}
