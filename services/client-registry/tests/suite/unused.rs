//! Clients that registered themselves and that nobody uses.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::registry::{
    Client, ClientMetadata, CreateClientRequest, DynamicRegistration, GetClientRequest, Party, RegisterClientRequest,
    ReportClientUseRequest, ResolveApplicationRequest, Tenant, UpdateTenantRequest,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_client_registry::FeedBounds;
use mintage_testkit::on_each_backend;

use crate::house::{House, mask, refused, texts};

const MONTH: Duration = Duration::from_hours(24 * 30);

async fn registered(house: &House) -> Client {
    let metadata = ClientMetadata {
        client_name: "Photo Printer".to_owned(),
        redirect_uris: texts(&["https://photos.example/callback"]),
        ..ClientMetadata::default()
    };
    let request = RegisterClientRequest {
        tenant_id: "default".to_owned(),
        metadata: Some(metadata),
        initial_access_token: String::new(),
    };
    let answer = house.registrations().register_client(request).await.expect("registers").into_inner();
    answer.client.expect("a client")
}

async fn open_to_all(house: &House) {
    let open = DynamicRegistration::Open.into();
    let tenant = Tenant { id: "default".to_owned(), dynamic_registration: open, ..Default::default() };
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["dynamic_registration"]) };
    house.tenants().update_tenant(request).await.expect("updates");
}

async fn is_unused(house: &House, client: &Client) -> bool {
    let request = ResolveApplicationRequest { tenant_id: "default".to_owned(), client_id: client.client_id.clone() };
    house.consents().resolve_application(request).await.expect("answers").into_inner().unused
}

async fn is_there(house: &House, client: &Client) -> bool {
    let request = GetClientRequest { tenant_id: String::new(), client_id: client.client_id.clone() };
    match house.clients().get_client(request).await {
        Ok(_) => true,
        outcome => {
            refused(outcome, ErrorReason::NotFound);
            false
        }
    }
}

async fn used(house: &House, client: &Client) {
    let request = ReportClientUseRequest { tenant_id: "default".to_owned(), client_id: client.client_id.clone() };
    house.consents().report_client_use(request).await.expect("is noted");
}

/// Returns when the client is gone, which a replica that has just started sees to.
async fn until_gone(house: &House, client: &Client) {
    let gone = async {
        while is_there(house, client).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("gone within twenty seconds");
}

#[tokio::test]
async fn a_client_that_nobody_let_act_for_a_month_is_forgotten_and_followers_hear_of_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        open_to_all(&house).await;
        let third =
            CreateClientRequest { name: "Partner".to_owned(), party: Party::Third.into(), ..Default::default() };
        let made = house.client(third).await.client.expect("a client");
        let (idle, busy) = (registered(&house).await, registered(&house).await);
        // An operator lets it act for itself, of which no user knows.
        let machine = registered(&house).await;
        house.api("https://jobs.test/", SigningAlgorithm::Es256).await;
        house.grant(&machine.client_id, "https://jobs.test/", &[]).await.expect("a grant");
        assert!(is_unused(&house, &idle).await && is_unused(&house, &busy).await && !is_unused(&house, &made).await);
        used(&house, &busy).await;
        used(&house, &made).await;
        assert!(!is_unused(&house, &busy).await && is_unused(&house, &idle).await);
        house.clock.advance(Duration::from_hours(1));
        let young = registered(&house).await;
        house.clock.advance(MONTH - Duration::from_hours(1));
        let mut watcher = house.watch(0).await;
        let replica = house.replica(FeedBounds::default()).await;
        until_gone(&house, &idle).await;
        watcher.until_client(&idle.client_id).await;
        for kept in [&busy, &made, &young, &machine] {
            assert!(is_there(&house, kept).await, "{kept:?}");
        }
        drop(replica);
    })
    .await;
}

#[tokio::test]
async fn more_than_go_at_once_go_one_piece_after_another_whoever_of_two_does_it() {
    on_each_backend(async |home| {
        let house = House::on(home).await;
        open_to_all(&house).await;
        let first = registered(&house).await;
        house.clock.advance(Duration::from_secs(1));
        let mut last = registered(&house).await;
        for _ in 0..24 {
            house.clock.advance(Duration::from_secs(1));
            last = registered(&house).await;
        }
        house.clock.advance(MONTH);
        let forgets = [house.replica(FeedBounds::default()).await, house.replica(FeedBounds::default()).await];
        until_gone(&house, &last).await;
        assert!(!is_there(&house, &first).await);
        drop(forgets);
    })
    .await;
}
