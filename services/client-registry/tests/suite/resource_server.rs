//! ResourceServerService.

use mintage_api::registry::{
    CreateResourceServerRequest, DeleteResourceServerRequest, GetClientGrantRequest, GetResourceServerRequest, Party,
    ResourceServer, TokenProfile, UpdateResourceServerRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::access::MANAGEMENT_AUDIENCE;
use mintage_testkit::on_each_backend;

use crate::house::{House, definitions, mask, refused};

const API: &str = "https://api.example/";

fn get(id: &str) -> GetResourceServerRequest {
    GetResourceServerRequest { tenant_id: String::new(), id: id.to_owned() }
}

fn update(new: &ResourceServer, paths: &[&str]) -> UpdateResourceServerRequest {
    UpdateResourceServerRequest { resource_server: Some(new.clone()), update_mask: mask(paths) }
}

fn delete(id: &str) -> DeleteResourceServerRequest {
    DeleteResourceServerRequest { tenant_id: String::new(), id: id.to_owned() }
}

#[tokio::test]
async fn an_api_has_auth0s_defaults_and_its_keys() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Unspecified).await;
        assert_eq!(
            (api.signing_algorithm(), api.token_profile()),
            (SigningAlgorithm::Rs256, TokenProfile::AccessToken)
        );
        assert_eq!(api.token_lifetime.map(|lifetime| lifetime.seconds), Some(86_400));
        assert_eq!((api.name.as_str(), api.is_system), (API, false));
        let ring = house.keys.ensured().pop().expect("a ring");
        assert_eq!((ring.algorithm(), ring.resource_server_id.as_str()), (SigningAlgorithm::Rs256, ""));
        for key in [&api.id, &api.identifier] {
            let found = house.apis().get_resource_server(get(key)).await.expect("found").into_inner();
            assert_eq!(found.resource_server.as_ref(), Some(&api));
        }
    })
    .await;
}

#[tokio::test]
async fn keys_are_kept_for_as_long_as_an_apis_tokens_live_before_these_do() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        assert_eq!(house.keys.longest_tokens(), [600, 86_400], "the Management API's, and the new one's");
        let longer = ResourceServer {
            token_lifetime: Some(prost_types::Duration { seconds: 172_800, nanos: 0 }),
            ..api.clone()
        };
        house.keys.fall_down();
        refused(
            house.apis().update_resource_server(update(&longer, &["token_lifetime"])).await,
            ErrorReason::TemporarilyUnavailable,
        );
        let kept = house.apis().get_resource_server(get(&api.id)).await.expect("found").into_inner().resource_server;
        assert_eq!(kept.expect("the API").token_lifetime, api.token_lifetime, "no token outlives its key");
        house.keys.get_up();
        house.apis().update_resource_server(update(&longer, &["token_lifetime"])).await.expect("changed");
        assert_eq!(house.keys.longest_tokens().pop(), Some(172_800));
        assert_eq!(house.keys.ensured().pop().expect("a ring").algorithm(), SigningAlgorithm::Es256);
    })
    .await;
}

#[tokio::test]
async fn an_hs256_api_has_a_ring_of_its_own_that_goes_with_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Hs256).await;
        let ring = house.keys.ensured().pop().expect("a ring");
        assert_eq!((ring.algorithm(), &ring.resource_server_id), (SigningAlgorithm::Hs256, &api.id));
        house.apis().delete_resource_server(delete(&api.id)).await.expect("deletes");
        house.until_settled().await;
        assert_eq!(house.keys.removed(), [ring]);
    })
    .await;
}

#[tokio::test]
async fn an_api_without_keys_is_not_made() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.keys.fall_down();
        let request = CreateResourceServerRequest { identifier: API.to_owned(), ..Default::default() };
        refused(house.apis().create_resource_server(request).await, ErrorReason::TemporarilyUnavailable);
        refused(house.apis().get_resource_server(get(API)).await, ErrorReason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn an_identifier_is_of_one_api_in_a_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let request = CreateResourceServerRequest { identifier: API.to_owned(), ..Default::default() };
        let again = house.apis().create_resource_server(request.clone()).await;
        assert_eq!(refused(again, ErrorReason::Conflict).get("kind"), "resource_server");
        house.create_tenant("acme").await.expect("creates");
        let elsewhere = CreateResourceServerRequest { tenant_id: "acme".to_owned(), ..request };
        house.apis().create_resource_server(elsewhere).await.expect("another tenant's own");
    })
    .await;
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_name() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let valid = CreateResourceServerRequest { identifier: API.to_owned(), ..Default::default() };
        let lifetime = |seconds, nanos| Some(prost_types::Duration { seconds, nanos });
        let with_scopes =
            |scopes: &[&str]| CreateResourceServerRequest { scopes: definitions(scopes), ..valid.clone() };
        let cases = [
            (CreateResourceServerRequest { identifier: "with space".to_owned(), ..valid.clone() }, "identifier"),
            (CreateResourceServerRequest { identifier: "x".repeat(601), ..valid.clone() }, "identifier"),
            (
                CreateResourceServerRequest { identifier: format!("api_{}", "a".repeat(24)), ..valid.clone() },
                "identifier",
            ),
            (CreateResourceServerRequest { token_lifetime: lifetime(0, 0), ..valid.clone() }, "token_lifetime"),
            (CreateResourceServerRequest { token_lifetime: lifetime(-1, 0), ..valid.clone() }, "token_lifetime"),
            (CreateResourceServerRequest { token_lifetime: lifetime(1, 5), ..valid.clone() }, "token_lifetime"),
            (CreateResourceServerRequest { token_lifetime: lifetime(2_592_001, 0), ..valid.clone() }, "token_lifetime"),
            (CreateResourceServerRequest { signing_algorithm: 99, ..valid.clone() }, "signing_algorithm"),
            (with_scopes(&["read", "read"]), "scopes"),
            (with_scopes(&["re\"ad"]), "scopes.value"),
        ];
        for (request, parameter) in cases {
            let reason = refused(house.apis().create_resource_server(request).await, ErrorReason::ParameterInvalid);
            assert_eq!(reason.get("parameter"), parameter);
        }
    })
    .await;
}

#[tokio::test]
async fn what_users_read_of_an_api_hides_nothing() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let turned = "notes \u{202e}daer";
        let mut scopes = definitions(&["read"]);
        turned.clone_into(&mut scopes[0].description);
        let new = CreateResourceServerRequest { identifier: API.to_owned(), ..Default::default() };
        let named = CreateResourceServerRequest { name: turned.to_owned(), ..new.clone() };
        let described = CreateResourceServerRequest { scopes: scopes.clone(), ..new };
        for (request, parameter) in [(named, "name"), (described, "scopes.description")] {
            let reason = refused(house.apis().create_resource_server(request).await, ErrorReason::ParameterInvalid);
            assert_eq!(reason.get("parameter"), parameter);
        }
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let api = ResourceServer { name: turned.to_owned(), scopes, ..api };
        for (path, parameter) in [("name", "name"), ("scopes", "scopes.description")] {
            let answer = house.apis().update_resource_server(update(&api, &[path])).await;
            assert_eq!(refused(answer, ErrorReason::ParameterInvalid).get("parameter"), parameter);
        }
    })
    .await;
}

#[tokio::test]
async fn the_management_api_cannot_be_changed_or_deleted() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let new = ResourceServer {
            identifier: MANAGEMENT_AUDIENCE.to_owned(),
            name: "mine".to_owned(),
            ..Default::default()
        };
        for paths in [&["name"][..], &["signing_algorithm"]] {
            let outcome = house.apis().update_resource_server(update(&new, paths)).await;
            refused(outcome, ErrorReason::SystemObject);
        }
        let outcome = house.apis().delete_resource_server(delete(MANAGEMENT_AUDIENCE)).await;
        refused(outcome, ErrorReason::SystemObject);
        assert!(house.keys.ensured().iter().all(|ring| ring.algorithm() == SigningAlgorithm::Es256));
    })
    .await;
}

#[tokio::test]
async fn a_new_algorithm_has_its_keys_before_it_is_used() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Rs256).await;
        let new = ResourceServer { signing_algorithm: SigningAlgorithm::Eddsa.into(), ..api.clone() };
        house.keys.fall_down();
        let request = update(&new, &["signing_algorithm"]);
        refused(house.apis().update_resource_server(request.clone()).await, ErrorReason::TemporarilyUnavailable);
        house.keys.get_up();
        let updated = house.apis().update_resource_server(request).await.expect("updates").into_inner();
        assert_eq!(updated.resource_server.expect("an API").signing_algorithm(), SigningAlgorithm::Eddsa);
        assert_eq!(house.keys.ensured().pop().expect("a ring").algorithm(), SigningAlgorithm::Eddsa);
    })
    .await;
}

#[tokio::test]
async fn scopes_an_api_no_longer_defines_leave_its_grants() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        let grant = house.grant(&client, API, &["write", "read"]).await.expect("granted");
        let new = ResourceServer { scopes: definitions(&["read", "admin"]), ..api };
        house.apis().update_resource_server(update(&new, &["scopes"])).await.expect("updates");
        let request = GetClientGrantRequest { tenant_id: String::new(), id: grant.id };
        let grant = house.grants().get_client_grant(request).await.expect("found").into_inner();
        assert_eq!(grant.client_grant.expect("a grant").scopes, ["read"]);
    })
    .await;
}

#[tokio::test]
async fn an_api_that_third_parties_use_does_not_become_hs256() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let partner = mintage_api::registry::CreateClientRequest { party: Party::Third.into(), ..Default::default() };
        let partner = house.client(partner).await.client.expect("a client").client_id;
        house.grant(&partner, API, &["read"]).await.expect("granted");
        let new = ResourceServer { signing_algorithm: SigningAlgorithm::Hs256.into(), ..api };
        let outcome = house.apis().update_resource_server(update(&new, &["signing_algorithm"])).await;
        let reason = refused(outcome, ErrorReason::ThirdPartyRefused);
        assert_eq!((reason.get("client_id"), reason.get("audience")), (partner.as_str(), API));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_api_takes_its_grants_with_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.api(API, SigningAlgorithm::Es256).await;
        let client = house.client_id().await;
        let grant = house.grant(&client, API, &["read"]).await.expect("granted");
        house.apis().delete_resource_server(delete(API)).await.expect("deletes");
        refused(house.apis().get_resource_server(get(API)).await, ErrorReason::NotFound);
        let request = GetClientGrantRequest { tenant_id: String::new(), id: grant.id };
        refused(house.grants().get_client_grant(request).await, ErrorReason::NotFound);
        // A new API of the same identifier starts without grants.
        house.api(API, SigningAlgorithm::Es256).await;
        house.grant(&client, API, &["read"]).await.expect("granted anew");
    })
    .await;
}
