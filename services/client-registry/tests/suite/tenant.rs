//! TenantService.

use mintage_api::registry::{
    CreateTenantRequest, DeleteTenantRequest, ErrorProfile, GetClientRequest, GetResourceServerRequest,
    GetTenantRequest, Tenant, TokenProfile, UpdateTenantRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::access::{MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES};
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused, texts};

fn acme() -> CreateTenantRequest {
    let origins = texts(&["https://acme.example", "https://mint.acme.example:8443"]);
    CreateTenantRequest { id: "acme".to_owned(), origins, ..Default::default() }
}

#[tokio::test]
async fn a_tenant_is_born_with_its_management_api_and_keys() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let tenant = house.tenants().create_tenant(acme()).await.expect("creates").into_inner().tenant;
        let tenant = tenant.expect("a tenant");
        assert_eq!((tenant.display_name.as_str(), tenant.error_profile()), ("acme", ErrorProfile::Rfc));
        let found = house.tenants().get_tenant(GetTenantRequest { id: "acme".to_owned() }).await;
        assert_eq!(found.expect("found").into_inner().tenant, Some(tenant));

        let api = GetResourceServerRequest { tenant_id: "acme".to_owned(), id: MANAGEMENT_AUDIENCE.to_owned() };
        let api = house.apis().get_resource_server(api).await.expect("found").into_inner();
        let api = api.resource_server.expect("an API");
        assert!(api.is_system);
        assert_eq!((api.signing_algorithm(), api.token_profile()), (SigningAlgorithm::Es256, TokenProfile::Rfc9068));
        assert_eq!(api.scopes.len(), MANAGEMENT_SCOPES.len());
        let rings = house.keys.ensured();
        assert!(rings.iter().any(|ring| ring.tenant_id == "acme" && ring.algorithm() == SigningAlgorithm::Es256));
    })
    .await;
}

#[tokio::test]
async fn a_tenant_without_keys_is_not_made() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.keys.fall_down();
        refused(house.tenants().create_tenant(acme()).await, ErrorReason::TemporarilyUnavailable);
        let found = house.tenants().get_tenant(GetTenantRequest { id: "acme".to_owned() }).await;
        assert_eq!(refused(found, ErrorReason::NotFound).get("kind"), "tenant");
    })
    .await;
}

#[tokio::test]
async fn an_origin_belongs_to_one_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let taken = CreateTenantRequest { origins: texts(&["https://default.example"]), ..acme() };
        let reason = refused(house.tenants().create_tenant(taken).await, ErrorReason::Conflict);
        assert_eq!(reason.get("kind"), "origin");
        let found = house.tenants().get_tenant(GetTenantRequest { id: "acme".to_owned() }).await;
        refused(found, ErrorReason::NotFound);
        let twice = CreateTenantRequest { origins: texts(&["https://a.example", "https://a.example:443"]), ..acme() };
        refused(house.tenants().create_tenant(twice).await, ErrorReason::ParameterInvalid);
        let turned = CreateTenantRequest { display_name: "\u{202e}emcA".to_owned(), ..acme() };
        refused(house.tenants().create_tenant(turned).await, ErrorReason::ParameterInvalid);
        let nowhere = CreateTenantRequest { origins: Vec::new(), ..acme() };
        refused(house.tenants().create_tenant(nowhere).await, ErrorReason::ParameterMissing);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_is_made_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.tenants().create_tenant(acme()).await.expect("creates");
        let again = CreateTenantRequest { origins: texts(&["https://other.example"]), ..acme() };
        assert_eq!(refused(house.tenants().create_tenant(again).await, ErrorReason::Conflict).get("kind"), "tenant");
    })
    .await;
}

#[tokio::test]
async fn only_the_masked_fields_of_a_tenant_change() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let new = Tenant {
            id: "default".to_owned(),
            display_name: "not asked for".to_owned(),
            origins: texts(&["https://new.example", "https://default.example"]),
            error_profile: ErrorProfile::Auth0.into(),
            ..Default::default()
        };
        let update = |paths: &[&str]| UpdateTenantRequest { tenant: Some(new.clone()), update_mask: mask(paths) };
        let updated = house.tenants().update_tenant(update(&["origins", "error_profile"])).await;
        let updated = updated.expect("updates").into_inner().tenant.expect("a tenant");
        assert_eq!(updated.origins, new.origins, "in the order given");
        assert_eq!((updated.display_name.as_str(), updated.error_profile()), ("default", ErrorProfile::Auth0));
        for paths in [&["id"][..], &["origins", "nonsense"], &["created_at"]] {
            refused(house.tenants().update_tenant(update(paths)).await, ErrorReason::ParameterInvalid);
        }
        refused(house.tenants().update_tenant(update(&[])).await, ErrorReason::ParameterMissing);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_tenant_takes_everything_with_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.tenants().create_tenant(acme()).await.expect("creates");
        let of_acme = |name: &str| mintage_api::registry::CreateClientRequest {
            tenant_id: "acme".to_owned(),
            name: name.to_owned(),
            ..Default::default()
        };
        let client = house.client(of_acme("a client")).await.client.expect("a client");
        let delete = DeleteTenantRequest { id: "acme".to_owned() };
        house.tenants().delete_tenant(delete.clone()).await.expect("deletes");
        let client = GetClientRequest { tenant_id: "acme".to_owned(), client_id: client.client_id };
        refused(house.clients().get_client(client).await, ErrorReason::NotFound);
        refused(house.clients().create_client(of_acme("late")).await, ErrorReason::NotFound);
        refused(house.tenants().delete_tenant(delete).await, ErrorReason::NotFound);
        // Its origins are free again.
        let heir = CreateTenantRequest { id: "heir".to_owned(), ..acme() };
        house.tenants().create_tenant(heir).await.expect("creates");
        assert!(house.keys.removed().iter().any(|ring| ring.tenant_id == "acme" && ring.algorithm == 0));
    })
    .await;
}

#[tokio::test]
async fn the_default_tenant_stays() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let delete = DeleteTenantRequest { id: "default".to_owned() };
        refused(house.tenants().delete_tenant(delete).await, ErrorReason::SystemObject);
        refused(house.tenants().delete_tenant(DeleteTenantRequest::default()).await, ErrorReason::ParameterMissing);
    })
    .await;
}

#[tokio::test]
async fn keys_of_a_deleted_tenant_are_gone_before_its_name_is_used_again() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.tenants().create_tenant(acme()).await.expect("creates");
        house.keys.fall_down();
        house.tenants().delete_tenant(DeleteTenantRequest { id: "acme".to_owned() }).await.expect("deletes");
        refused(house.tenants().create_tenant(acme()).await, ErrorReason::TemporarilyUnavailable);
        house.keys.get_up();
        let ensured = house.keys.ensured().len();
        house.tenants().create_tenant(acme()).await.expect("creates");
        assert_eq!(house.keys.removed().iter().filter(|ring| ring.tenant_id == "acme").count(), 1);
        assert_eq!(house.keys.ensured().len(), ensured + 1);
    })
    .await;
}
