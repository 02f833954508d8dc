//! Services that are cut off from each other, two by two: what stands still says so in time, and goes on by itself.

use std::time::Duration;

use mintage_api::registry::{CreateTenantRequest, DeleteTenantRequest};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Cut, get_as};
use tokio::time::Instant;
use tonic::Code;

use super::asking::{Answer, Door};
use super::operator::Operator;
use super::partitions::{MAX_STALENESS, cut, heal, impatient};
use super::site::{PATIENCE, Site, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b32_an_edge_that_hears_nothing_of_the_registry_refuses_past_the_bound_and_then_serves_what_is_so() {
    let Some(site) = Site::start(|plan| impatient(plan).relayed(EDGE, REGISTRY)).await else { return };
    let installation = &site.installation;
    let operator = Operator::at(installation, 0);
    let at = |edge, host: &str| get_as(installation.address(EDGE, edge, "http"), host, DISCOVERY).0;
    // Remembered as unknown: that it is known tells that the feed brought the tenant, and that nothing which it still has
    // to bring drops what is remembered of it.
    assert_eq!([at(0, HOST), at(1, HOST)], [NOT_FOUND; 2]);
    let request = CreateTenantRequest {
        id: "second".to_owned(),
        display_name: "A second tenant".to_owned(),
        origins: vec![format!("http://{HOST}")],
        ..CreateTenantRequest::default()
    };
    operator.tenants.clone().create_tenant(request).await.expect("a tenant");
    let own = installation.address(EDGE, 0, "http").to_string();
    until("the tenant", PATIENCE, async || (at(0, HOST) == OK && at(0, &own) == OK).then_some(())).await;
    cut(installation, EDGE, REGISTRY, Cut::Silent);
    let began = Instant::now();
    operator
        .tenants
        .clone()
        .delete_tenant(DeleteTenantRequest { id: "second".to_owned() })
        .await
        .expect("it is deleted");
    until("the other edge", PATIENCE, async || (at(1, HOST) == NOT_FOUND).then_some(())).await;

    let mut last_served = Duration::ZERO;
    let (_, refused) = until("a refusal", PATIENCE, async || {
        let asked = began.elapsed();
        match at(0, HOST).as_str() {
            OK => last_served = asked,
            status => assert_eq!(status, UNAVAILABLE, "after {asked:?}"),
        }
        (last_served + Duration::from_millis(200) < asked).then_some(())
    })
    .await;
    println!("figure: edge cut from registry: served until {last_served:?}, refused after {refused:?}");
    assert!(last_served >= Duration::from_secs(3), "it answers from memory: {last_served:?}");
    assert!(last_served <= MAX_STALENESS, "it answered for {last_served:?}");
    let ready = || get_as(installation.address(EDGE, 0, "health"), "probe", "/readyz").0;
    until("no readiness", PATIENCE, async || (ready() == UNAVAILABLE).then_some(())).await;

    heal(installation, EDGE, REGISTRY);
    let (_, healed) = until("the edge", PATIENCE, async || {
        assert_ne!(at(0, HOST), OK, "acted on the state from before the cut");
        (at(0, &own) == OK && ready() == OK).then_some(())
    })
    .await;
    println!("figure: edge cut from registry: served again {healed:?} after healing");
    assert_eq!(at(0, HOST), NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_service_without_keys_says_so_in_time_and_goes_on_when_they_are_back() {
    let start = Site::start(|plan| plan.relayed(TOKEN, KEYS).setting(TOKEN, "TOKEN__SIGNING__DEADLINE", "1 s"));
    let Some(site) = start.await else { return };
    let operator = Operator::at(&site.installation, 0);
    operator.api(AUDIENCE, SigningAlgorithm::Es256).await.expect("an API");
    let granted = operator.granted(AUDIENCE).await.expect("a client");
    let [mut here, mut there] = [0, 1].map(|replica| Door::token(&site.installation, replica));
    for how in [Cut::Silent, Cut::Refused] {
        here.token_for(&granted.credentials).await;
        cut(&site.installation, TOKEN, KEYS, how);
        let began = Instant::now();
        assert_eq!(here.ask(&granted.credentials).await, Answer::Unavailable, "{how:?}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(3), "{how:?}: it took {took:?}");
        there.token_for(&granted.credentials).await;
        heal(&site.installation, TOKEN, KEYS);
        let issued = async || matches!(here.ask(&granted.credentials).await, Answer::Token(_)).then_some(());
        let (_, healed) = until("a token", PATIENCE, issued).await;
        println!(
            "figure: {how:?} cut of token from keys: refused after {took:?}, served again {healed:?} after healing"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_needs_keys_is_refused_whole_while_there_are_none() {
    let Some(site) = Site::start(|plan| plan.relayed(REGISTRY, KEYS)).await else { return };
    let operator = Operator::at(&site.installation, 0);
    for how in [Cut::Silent, Cut::Refused] {
        let identifier = format!("https://{how:?}.test/");
        cut(&site.installation, REGISTRY, KEYS, how);
        let began = Instant::now();
        let refused = operator.api(&identifier, SigningAlgorithm::Hs256).await.expect_err("there are no keys");
        let took = began.elapsed();
        println!("figure: {how:?} cut of registry from keys: refused after {took:?}");
        assert_eq!(refused.code(), Code::Unavailable, "{how:?}: {refused:?}");
        assert!(took < Duration::from_secs(15), "{how:?}: it took {took:?}");
        operator.grant("nobody", &identifier).await.expect_err("there is no such API");
        heal(&site.installation, REGISTRY, KEYS);
        let (_, healed) =
            until("an API", PATIENCE, async || operator.api(&identifier, SigningAlgorithm::Hs256).await.ok()).await;
        println!("figure: {how:?} cut of registry from keys: written {healed:?} after healing");
        let granted = operator.granted(&identifier).await.expect("a client");
        Door::token(&site.installation, 1).token_for(&granted.credentials).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edge_without_token_services_says_so_in_time_and_goes_on_when_they_are_back() {
    let Some(site) = Site::start(|plan| plan.relayed(EDGE, TOKEN)).await else { return };
    let operator = Operator::at(&site.installation, 1);
    operator.api(AUDIENCE, SigningAlgorithm::Es256).await.expect("an API");
    let granted = operator.granted(AUDIENCE).await.expect("a client");
    let [mut here, mut there] = [0, 1].map(|replica| Door::edge(&site.installation, replica));
    for how in [Cut::Silent, Cut::Refused] {
        here.token_for(&granted.credentials).await;
        cut(&site.installation, EDGE, TOKEN, how);
        let began = Instant::now();
        assert_eq!(here.ask(&granted.credentials).await, Answer::Unavailable, "{how:?}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "{how:?}: it took {took:?}");
        there.token_for(&granted.credentials).await;
        heal(&site.installation, EDGE, TOKEN);
        let issued = async || matches!(here.ask(&granted.credentials).await, Answer::Token(_)).then_some(());
        let (_, healed) = until("a token", PATIENCE, issued).await;
        println!(
            "figure: {how:?} cut of edge from token: refused after {took:?}, served again {healed:?} after healing"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nobody_says_what_an_operator_may_its_keys_stay_as_they_are_and_tokens_go_on() {
    let Some(site) = Site::start(|plan| plan.relayed(KEYS, REGISTRY)).await else { return };
    let operator = Operator::at(&site.installation, 0);
    let mut door = Door::token(&site.installation, 0);
    for how in [Cut::Silent, Cut::Refused] {
        let identifier = format!("https://{how:?}.test/");
        let api = operator.api(&identifier, SigningAlgorithm::Hs256).await.expect("an API");
        let granted = operator.granted(&identifier).await.expect("a client");
        let issued = async || door.ask(&granted.credentials).await.kid();
        let (signed_by, _) = until("a token", PATIENCE, issued).await;
        cut(&site.installation, KEYS, REGISTRY, how);
        // What it was allowed a moment ago is remembered, for a second.
        until("a refusal", PATIENCE, async || operator.active_keys().await.err()).await;
        let began = Instant::now();
        let refused = operator.rotate(&api).await.expect_err("nobody says whether it may");
        let took = began.elapsed();
        assert_eq!(refused.code(), Code::Unavailable, "{how:?}: {refused:?}");
        assert!(took < Duration::from_secs(15), "{how:?}: it took {took:?}");
        assert_eq!(door.ask(&granted.credentials).await.kid().as_ref(), Some(&signed_by), "{how:?}");
        heal(&site.installation, KEYS, REGISTRY);
        let (successor, healed) = until("a rotation", PATIENCE, async || operator.rotate(&api).await.ok()).await;
        println!("figure: {how:?} cut of keys from registry: refused after {took:?}, done {healed:?} after healing");
        let follows = async || (door.ask(&granted.credentials).await.kid()? == successor).then_some(());
        until("a token by the new key", PATIENCE, follows).await;
    }
}

const TOKEN: ServiceName = ServiceName::TOKEN;
const EDGE: ServiceName = ServiceName::EDGE;
const REGISTRY: ServiceName = ServiceName::CLIENT_REGISTRY;
const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
const AUDIENCE: &str = "https://separations.test/";
const HOST: &str = "second.test";
const DISCOVERY: &str = "/.well-known/openid-configuration";
const OK: &str = "HTTP/1.1 200 OK";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found";
const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable";
