//! RegistrationService: how often somebody may ask, and how much a tenant holds.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::{ClientMetadata, DynamicRegistration};
use mintage_api::types::ErrorReason;
use mintage_chassis::{ServiceName, Transport};
use mintage_client_registry::FeedBounds;
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;

use crate::house::{House, refused};
use crate::registration::{delete, from, get, initial_access, lets, photos, register, update, with};

#[tokio::test]
async fn registering_is_slow_for_whoever_does_it_often() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let attempt = async |source: &str| {
            let nameless = ClientMetadata { redirect_uris: Vec::new(), ..photos() };
            let request = from(source, with(nameless, ""));
            house.registrations().register_client(request).await
        };
        for _ in 0..20 {
            refused(attempt("2001:db8::1").await, ErrorReason::ParameterMissing);
        }
        let reason = refused(attempt("2001:db8::2").await, ErrorReason::TooManyAttempts);
        assert_eq!((reason.get("retry_after_seconds"), reason.get("limit")), ("1", "20"), "a /64 is one source");
        refused(attempt("2001:db8:0:1::1").await, ErrorReason::ParameterMissing);
        house.clock.advance(Duration::from_secs(1));
        refused(attempt("2001:db8::1").await, ErrorReason::ParameterMissing);
        refused(attempt("2001:db8::1").await, ErrorReason::TooManyAttempts);
        for number in 0..83 {
            refused(attempt(&format!("192.0.2.{number}")).await, ErrorReason::ParameterMissing);
        }
        let reason = refused(attempt("198.51.100.1").await, ErrorReason::TooManyAttempts);
        assert_eq!(reason.get("limit"), "100", "of all sources together");
    })
    .await;
}

#[tokio::test]
async fn managing_a_registration_counts_like_making_one() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let registered = register(&house, photos()).await.expect("registers");
        let (client, token) = (registered.client.expect("a client"), registered.registration_access_token);
        let source = "192.0.2.1";
        for (wrong, reason) in [("wrong", ErrorReason::RegistrationRefused), ("wrong", ErrorReason::TooManyAttempts)] {
            for _ in 0..if reason == ErrorReason::TooManyAttempts { 1 } else { 5 } {
                let mut registrations = house.registrations();
                refused(registrations.get_registration(from(source, get(&client, wrong))).await, reason);
                let update = update(&client, wrong, photos());
                refused(registrations.update_registration(from(source, update)).await, reason);
                refused(registrations.delete_registration(from(source, delete(&client, wrong))).await, reason);
            }
            for _ in 0..5 {
                drop(house.registrations().register_client(from(source, with(photos(), ""))).await);
            }
        }
        let own = house.registrations().get_registration(from(source, get(&client, &token))).await;
        refused(own, ErrorReason::TooManyAttempts);
        let elsewhere = house.registrations().get_registration(from("192.0.2.2", get(&client, &token))).await;
        elsewhere.expect("others are heard");
        house.clock.advance(Duration::from_secs(1));
        let own = house.registrations().get_registration(from(source, get(&client, &token))).await;
        own.expect("and the same again");
    })
    .await;
}

#[tokio::test]
async fn one_source_registers_a_hundred_clients_a_day_where_nobody_needs_a_token() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let first = house.registrations().register_client(from("2001:db8::1", with(photos(), ""))).await;
        let first = first.expect("registers").into_inner();
        many(&house, 99, house.clock.now().unix_millis(), "r.source").await;
        let replica = house.replica(FeedBounds::default()).await;
        let mut other =
            RegistrationServiceClient::new(Transport::in_process(ServiceName::EDGE, replica.routes.clone()));
        let reason =
            refused(other.register_client(from("2001:db8::2", with(photos(), ""))).await, ErrorReason::TooManyAttempts);
        assert_eq!((reason.get("retry_after_seconds"), reason.get("limit")), ("3600", "100"), "on every replica");
        other.register_client(from("2001:db8:0:1::1", with(photos(), ""))).await.expect("others are heard");
        let token = initial_access(&house, "default", 1).await;
        lets(&house, DynamicRegistration::WithToken).await;
        other.register_client(from("2001:db8::2", with(photos(), &token))).await.expect("and who has a token");
        lets(&house, DynamicRegistration::Open).await;
        let (client, token) = (first.client.expect("a client"), first.registration_access_token);
        house.registrations().delete_registration(delete(&client, &token)).await.expect("one goes");
        let again = from("2001:db8::2", with(photos(), ""));
        refused(other.register_client(again).await, ErrorReason::TooManyAttempts);
        house.clock.advance(Duration::from_hours(24));
        let again = from("2001:db8::2", with(photos(), ""));
        other.register_client(again).await.expect("a day later");
    })
    .await;
}

#[tokio::test]
async fn a_tenant_holds_a_thousand_clients_that_registered_themselves() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        lets(&house, DynamicRegistration::Open).await;
        let registered = register(&house, photos()).await.expect("registers");
        let (client, token) = (registered.client.expect("a client"), registered.registration_access_token);
        many(&house, 999, 1, "NULL").await;
        refused(register(&house, photos()).await, ErrorReason::LimitReached);
        house.registrations().delete_registration(delete(&client, &token)).await.expect("one goes");
        register(&house, photos()).await.expect("another comes");
    })
    .await;
}

/// Clients that registered themselves, besides the one that did: at a moment, from the same place as it or from none.
async fn many(house: &House, number: u64, created_at: i64, source: &str) {
    let clients = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) \
         INSERT INTO client (tenant_id, client_id, name, party, enabled, metadata, grant_types, claim_mappings, \
         created_at, updated_at) SELECT 'default', 'tpc_' || i, 'Many', 'third', true, '{{}}', '[]', '[]', 1, 1 FROM n"
    );
    let registrations = format!(
        "INSERT INTO registration (tenant_id, client_id, scheme, hash, created_at, source) \
         SELECT c.tenant_id, c.client_id, r.scheme, r.hash, {created_at}, {source} FROM client c, registration r \
         WHERE c.name = 'Many'"
    );
    for statement in [clients, registrations] {
        let done = house.database.connection().execute_unprepared(&statement).await.expect(&statement);
        assert_eq!(done.rows_affected(), number);
    }
}
