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
            house.tenants().delete_tenant(delete("acme")).await.expect("deletes");
            house.keys.release();
            let outcome = late.await.expect("no panic");
            assert!(outcome.is_err(), "{outcome:?}");
            house.settle().await;
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
        house.settle().await;
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
        house.settle().await;
        assert_eq!(rings_of(&house, "acme").len(), 1, "and removes no ring of the living");
        assert!(house.keys.removed().iter().all(|ring| ring.tenant_id == "passing"));
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
        house.settle().await;
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
        house.settle().await;
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
        house.settle().await;
        assert!(house.keys.alive().contains(&own), "a token service that hears of nothing may yet sign with it");
        house.clock.advance(Duration::from_secs(1));
        house.settle().await;
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
        house.settle().await;
        assert!(house.keys.alive().contains(&own));
    })
    .await;
}

fn removed_of(house: &House, tenant: &str) -> usize {
    house.keys.removed().iter().filter(|ring| ring.tenant_id == tenant).count()
}

#[expect(clippy::expect_used, reason = "what a test waits for must come, or the test has failed")]
async fn until_removed(house: &House, tenant: &str) {
    let gone = async {
        while removed_of(house, tenant) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("removed within twenty seconds");
}

fn delete(tenant: &str) -> DeleteTenantRequest {
    DeleteTenantRequest { id: tenant.to_owned() }
}

#[tokio::test]
async fn a_key_management_that_says_nothing_holds_up_nobody_but_the_tenant_it_is_asked_about() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        house.create_tenant("acme").await.expect("creates");
        house.keys.hold_removals();
        house.tenants().delete_tenant(delete("acme")).await.expect("deletes");
        house.keys.until_removing().await;
        house.client_id().await;
        house.create_tenant("other").await.expect("another tenant waits for nothing");

        let mut tenants = house.tenants();
        let again = tokio::spawn(async move { tenants.create_tenant(acme()).await });
        house.keys.release_removals();
        again.await.expect("no panic").expect("this one waited until the keys were gone");
        assert_eq!((removed_of(&house, "acme"), rings_of(&house, "acme").len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_ring_that_cannot_be_removed_keeps_no_other_from_going() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        for tenant in ["first", "second"] {
            house.create_tenant(tenant).await.expect("creates");
        }
        house.keys.keep_rings_of(Some("first"));
        for tenant in ["first", "second"] {
            house.tenants().delete_tenant(delete(tenant)).await.expect("deletes");
        }
        until_removed(&house, "second").await;
        house.create_tenant("third").await.expect("nor any tenant from being made");
        refused(house.create_tenant("first").await, ErrorReason::TemporarilyUnavailable);
        house.keys.keep_rings_of(None);
        house.create_tenant("first").await.expect("its former keys are gone");
        assert_eq!((removed_of(&house, "first"), removed_of(&house, "second")), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn an_api_does_not_come_back_to_hs256_while_its_secret_is_just_being_removed() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Hs256).await;
        let own = house.keys.ensured().pop().expect("a ring");
        house.apis().update_resource_server(with_algorithm(&api, SigningAlgorithm::Es256)).await.expect("updates");
        house.clock.advance(Duration::from_secs(60));
        house.create_tenant("passing").await.expect("creates");
        house.keys.hold_removals();
        house.tenants().delete_tenant(delete("passing")).await.expect("deletes, and wakes whoever removes");
        house.keys.until_removing().await;
        let back = with_algorithm(&api, SigningAlgorithm::Hs256);
        refused(house.apis().update_resource_server(back.clone()).await, ErrorReason::TemporarilyUnavailable);
        let mut apis = house.apis();
        let later = tokio::spawn(async move { apis.update_resource_server(back).await });
        house.keys.release_removals();
        later.await.expect("no panic").expect("this one waited until the secret was gone");
        house.clock.advance(Duration::from_secs(120));
        house.settle().await;
        assert!(house.keys.alive().contains(&own), "made anew");
    })
    .await;
}

#[tokio::test]
async fn what_a_replica_took_on_and_did_not_finish_another_does() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let until = house.clock.now().unix_millis() + 60_000;
        let died = format!(
            "INSERT INTO ring_removal (tenant_id, resource_server_id, due_at, making, claimed_until) \
             VALUES ('acme', '', {until}, false, {until})"
        );
        house.database.connection().execute_unprepared(&died).await.expect("noted");
        house.create_tenant("passing").await.expect("creates");
        house.tenants().delete_tenant(delete("passing")).await.expect("deletes, and wakes whoever removes");
        // Its claim would end early with the minute that passes below.
        house.until_settled_of("passing").await;
        assert_eq!(removed_of(&house, "acme"), 0, "it may yet be at it");
        house.clock.advance(Duration::from_secs(60));
        house.settle().await;
        assert_eq!(removed_of(&house, "acme"), 1);
    })
    .await;
}

#[tokio::test]
async fn of_those_who_change_one_api_at_the_same_time_none_is_turned_away() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let api = house.api(API, SigningAlgorithm::Es256).await;
        house.keys.hold();
        let hours = 25..33;
        let writers = hours.clone().map(|hours| {
            let token_lifetime = Some(prost_types::Duration { seconds: hours * 3600, nanos: 0 });
            let new = ResourceServer { token_lifetime, ..api.clone() };
            let request =
                UpdateResourceServerRequest { resource_server: Some(new), update_mask: mask(&["token_lifetime"]) };
            let mut apis = house.apis();
            tokio::spawn(async move { apis.update_resource_server(request).await })
        });
        let writers: Vec<_> = writers.collect();
        house.keys.until_waiting(hours.count()).await;
        house.keys.release();
        for writer in writers {
            writer.await.expect("no panic").expect("updated");
        }
    })
    .await;
}
