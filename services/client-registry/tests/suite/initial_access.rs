//! RegistrationService: tokens that let their holders register clients.

use std::time::Duration;

use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::{ClientMetadata, CreateInitialAccessTokenRequest, DynamicRegistration};
use mintage_api::types::ErrorReason;
use mintage_chassis::{ServiceName, Transport};
use mintage_client_registry::FeedBounds;
use mintage_testkit::on_each_backend;

use crate::house::{House, refused};
use crate::registration::{from, initial_access, lets, photos, with};

#[tokio::test]
async fn an_initial_access_token_registers_as_many_clients_as_it_says_while_it_lasts() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::WithToken).await;
        house.create_tenant("acme").await.expect("creates");
        let (two, ends) = (initial_access(&house, "default", 2).await, initial_access(&house, "default", 0).await);
        let foreign = initial_access(&house, "acme", 5).await;
        let truncated = two[..two.len() - 1].to_owned();
        let attempt = async |token: &str, source: &str| {
            let request = from(source, with(photos(), token));
            house.registrations().register_client(request).await
        };
        for wrong in ["", &foreign, &truncated, "mia_", &"x".repeat(100_000)] {
            refused(attempt(wrong, "192.0.2.2").await, ErrorReason::RegistrationRefused);
        }
        // What is refused for another reason uses nothing up.
        let hostile = with(ClientMetadata { client_name: "default".to_owned(), ..photos() }, &two);
        refused(house.registrations().register_client(hostile).await, ErrorReason::ParameterInvalid);
        let first = attempt(&two, "192.0.2.3").await.expect("the first").into_inner();
        attempt(&two, "192.0.2.3").await.expect("the second");
        refused(attempt(&two, "192.0.2.3").await, ErrorReason::RegistrationRefused);
        refused(attempt(&first.registration_access_token, "192.0.2.3").await, ErrorReason::RegistrationRefused);
        house.clock.advance(Duration::from_secs(24 * 3600));
        refused(attempt(&ends, "192.0.2.3").await, ErrorReason::RegistrationRefused);
    })
    .await;
}

#[tokio::test]
async fn fifty_parallel_uses_of_a_one_use_token_register_one_client_on_two_replicas() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::WithToken).await;
        let token = initial_access(&house, "default", 1).await;
        let replica = house.replica(FeedBounds::default()).await;
        let uses = (0..50).map(|number| {
            let routes = if number % 2 == 0 { house.service.routes.clone() } else { replica.routes.clone() };
            let mut registrations = RegistrationServiceClient::new(Transport::in_process(ServiceName::EDGE, routes));
            let request = from(&format!("192.0.2.{number}"), with(photos(), &token));
            tokio::spawn(async move { registrations.register_client(request).await.map(|_| ()) })
        });
        let mut registered = 0;
        for used in uses.collect::<Vec<_>>() {
            match used.await.expect("it ends") {
                Ok(()) => registered += 1,
                outcome => drop(refused(outcome, ErrorReason::RegistrationRefused)),
            }
        }
        assert_eq!(registered, 1);
    })
    .await;
}

#[tokio::test]
async fn an_initial_access_token_is_bounded() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        let now = house.clock.now().unix_seconds();
        let at = |seconds: i64| Some(prost_types::Timestamp { seconds: now + seconds, nanos: 0 });
        let ask = async |not_after: Option<prost_types::Timestamp>, uses: i32| {
            let request = CreateInitialAccessTokenRequest { tenant_id: String::new(), not_after, uses };
            house.initial_access().create_initial_access_token(request).await
        };
        for (not_after, uses) in [(None, -1), (None, 1001), (at(0), 1), (at(-1), 1), (at(90 * 86_400 + 1), 1)] {
            refused(ask(not_after, uses).await, ErrorReason::ParameterInvalid);
        }
        let longest = ask(at(90 * 86_400), 1000).await.expect("the longest").into_inner();
        assert_eq!(longest.not_after, at(90 * 86_400));
        assert!(longest.initial_access_token.starts_with("mia_") && longest.initial_access_token.len() == 47);
        assert!(!format!("{longest:?}").contains(&longest.initial_access_token));
        let spare = ask(None, 0).await.expect("the default").into_inner();
        assert_eq!(spare.not_after, at(86_400));
        let edge = CreateInitialAccessTokenRequest::default();
        refused(house.registrations().create_initial_access_token(edge).await, ErrorReason::MethodRefused);
        refused(house.initial_access().register_client(with(photos(), "")).await, ErrorReason::MethodRefused);
    })
    .await;
}
