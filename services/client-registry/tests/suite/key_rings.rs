//! A key ring that nothing needs does not stay.

use std::time::Duration;

use mintage_api::keys::KeyRingName;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{
    CreateClientRequest, CreateResourceServerRequest, CreateTenantRequest, DeleteTenantRequest, Party, ResourceServer,
    UpdateResourceServerRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::{ServiceName, Transport};
use mintage_client_registry::FeedBounds;
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;

use crate::house::{House, mask, refused, texts};

const API: &str = "https://api.example/";

fn with_algorithm(api: &ResourceServer, algorithm: SigningAlgorithm) -> UpdateResourceServerRequest {
    let new = ResourceServer { signing_algorithm: algorithm.into(), ..api.clone() };
    UpdateResourceServerRequest { resource_server: Some(new), update_mask: mask(&["signing_algorithm"]) }
}

fn new_api(tenant: &str, algorithm: SigningAlgorithm) -> CreateResourceServerRequest {
    CreateResourceServerRequest {
        tenant_id: tenant.to_owned(),
        identifier: API.to_owned(),
        signing_algorithm: algorithm.into(),
        ..Default::default()
    }
}

/// Creating a tenant waits until whatever is due is removed.
#[expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]
async fn settle(house: &House, next: &str) {
    house.create_tenant(next).await.expect("creates");
}

fn rings_of(house: &House, tenant: &str) -> Vec<KeyRingName> {
    house.keys.alive().into_iter().filter(|ring| ring.tenant_id == tenant).collect()
}

#[tokio::test]
async fn what_is_refused_makes_no_keys() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        let partner = CreateClientRequest { party: Party::Third.into(), ..Default::default() };
        let partner = house.client(partner).await.client.expect("a client").client_id;
        house.grant(&partner, API, &["read"]).await.expect("granted");
        let before = house.keys.ensured();

        let taken = texts(&["https://default.example"]);
        let tenant = CreateTenantRequest { id: "acme".to_owned(), origins: taken, ..Default::default() };
        refused(house.tenants().create_tenant(tenant).await, ErrorReason::Conflict);
        let twice = house.apis().create_resource_server(new_api("", SigningAlgorithm::Rs256)).await;
        refused(twice, ErrorReason::Conflict);
        let nowhere = house.apis().create_resource_server(new_api("nowhere", SigningAlgorithm::Rs256)).await;
        refused(nowhere, ErrorReason::NotFound);
        let shared = house.apis().update_resource_server(with_algorithm(&api, SigningAlgorithm::Hs256)).await;
        refused(shared, ErrorReason::ThirdPartyRefused);
        assert_eq!(house.keys.ensured(), before);
    })
    .await;
}

#[tokio::test]
async fn an_api_made_while_its_tenant_goes_leaves_no_ring() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Hs256] {
            house.create_tenant("acme").await.expect("creates");
            house.keys.hold();
            let mut apis = house.apis();
            let late = tokio::spawn(async move { apis.create_resource_server(new_api("acme", algorithm)).await });
            house.keys.until_waiting(1).await;
            house.tenants().delete_tenant(DeleteTenantRequest { id: "acme".to_owned() }).await.expect("deletes");
            house.keys.release();
            let outcome = late.await.expect("no panic");
            assert!(outcome.is_err(), "{outcome:?}");
            settle(&house, &format!("after-{}", algorithm as i32)).await;
            assert_eq!(rings_of(&house, "acme"), []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_ring() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.keys.hold();
        let (mut apis, mut tenants) = (house.apis(), house.tenants());
        let acme = CreateTenantRequest {
            id: "acme".to_owned(),
            origins: texts(&["https://acme.example"]),
            ..Default::default()
        };
        let impatient = tokio::spawn(async move {
            tokio::join!(
                apis.create_resource_server(new_api("", SigningAlgorithm::Hs256)),
                tenants.create_tenant(acme.clone())
            )
        });
        house.keys.until_waiting(2).await;
        impatient.abort();
        house.keys.until_waiting(0).await;
        house.keys.release();
        // The keys came to be after all, and nobody is there to write what they are for.
        house.clock.advance(Duration::from_secs(60));
        settle(&house, "next").await;
        let ended = |tenant: &str, algorithm: SigningAlgorithm| {
            house.keys.removed().iter().any(|ring| ring.tenant_id == tenant && ring.algorithm() == algorithm)
        };
        assert!(ended("acme", SigningAlgorithm::Unspecified) && ended("default", SigningAlgorithm::Hs256));
        assert_eq!(rings_of(&house, "default").len(), 1, "the ring in use stays");
        house.create_tenant("acme").await.expect("the name is free");
        assert_eq!(rings_of(&house, "acme").len(), 1);
    })
    .await;
}

fn acme() -> CreateTenantRequest {
    CreateTenantRequest { id: "acme".to_owned(), origins: texts(&["https://acme.example"]), ..Default::default() }
}

#[tokio::test]
async fn a_maker_who_dies_keeps_nobody_from_making_the_tenant_at_once() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.keys.hold();
        let mut tenants = house.tenants();
        let dying = tokio::spawn(async move { tenants.create_tenant(acme()).await });
        house.keys.until_waiting(1).await;
        dying.abort();
        house.keys.until_waiting(0).await;
        house.keys.release();

        house.tenants().create_tenant(acme()).await.expect("the note that is left is taken over");
        house.clock.advance(Duration::from_secs(120));
        settle(&house, "next").await;
        assert_eq!(rings_of(&house, "acme").len(), 1, "and removes no ring of the living");
        assert_eq!(house.keys.removed(), []);
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_over_from_a_slow_maker_makes_the_one_tenant() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.keys.hold();
        let [slow, next] = [house.tenants(), house.tenants()]
            .map(|mut tenants| tokio::spawn(async move { tenants.create_tenant(acme()).await }));
        house.keys.until_waiting(2).await;
        house.keys.release();
        let outcomes = [slow.await.expect("no panic"), next.await.expect("no panic")];
        let [lost] = outcomes.into_iter().filter(Result::is_err).collect::<Vec<_>>().try_into().expect("one loses");
        assert_eq!(refused(lost, ErrorReason::Conflict).get("kind"), "tenant");
        house.clock.advance(Duration::from_secs(120));
        settle(&house, "next").await;
        assert_eq!(rings_of(&house, "acme").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_removal_noted_by_an_older_replica_is_not_taken_over() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let due = house.clock.now().unix_millis() + 1000;
        let older =
            format!("INSERT INTO ring_removal (tenant_id, resource_server_id, due_at) VALUES ('acme', '', {due})");
        house.database.connection().execute_unprepared(&older).await.expect("noted");
        refused(house.tenants().create_tenant(acme()).await, ErrorReason::TemporarilyUnavailable);
        house.clock.advance(Duration::from_secs(1));
        house.tenants().create_tenant(acme()).await.expect("the keys are gone");
        assert_eq!(house.keys.removed().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn of_two_that_make_one_tenant_the_loser_takes_no_keys_from_the_winner() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let other = house.replica(FeedBounds::default()).await;
        let elsewhere = Transport::in_process(ServiceName::MINTAGE, other.routes);
        let mut elsewhere = TenantServiceClient::new(elsewhere);
        let acme = CreateTenantRequest {
            id: "acme".to_owned(),
            origins: texts(&["https://acme.example"]),
            ..Default::default()
        };
        let mut here = house.tenants();
        let outcomes = tokio::join!(here.create_tenant(acme.clone()), elsewhere.create_tenant(acme));
        assert!(outcomes.0.is_ok() != outcomes.1.is_ok(), "{outcomes:?}");
        house.clock.advance(Duration::from_secs(60));
        settle(&house, "next").await;
        assert_eq!(rings_of(&house, "acme").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_api_that_leaves_hs256_loses_its_secret_when_nobody_can_sign_with_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Hs256).await;
        let own = house.keys.ensured().pop().expect("a ring");
        house.apis().update_resource_server(with_algorithm(&api, SigningAlgorithm::Es256)).await.expect("updates");
        house.clock.advance(Duration::from_secs(59));
        settle(&house, "early").await;
        assert!(house.keys.alive().contains(&own), "a token service that hears of nothing may yet sign with it");
        house.clock.advance(Duration::from_secs(1));
        settle(&house, "late").await;
        assert!(!house.keys.alive().contains(&own));
        assert_eq!(rings_of(&house, "default").len(), 1, "the ring of the Management API serves the API too");
    })
    .await;
}

#[tokio::test]
async fn an_api_that_comes_back_to_hs256_in_time_keeps_its_secret() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Hs256).await;
        let own = house.keys.ensured().pop().expect("a ring");
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Hs256] {
            house.apis().update_resource_server(with_algorithm(&api, algorithm)).await.expect("updates");
        }
        house.clock.advance(Duration::from_secs(120));
        settle(&house, "late").await;
        assert!(house.keys.alive().contains(&own));
    })
    .await;
}
