//! Services that are cut off from each other: what they remember serves for so long, and no longer.

use std::time::Duration;

use mintage_api::registry::ResolveTenantRequest;
use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::{ServiceName, Tasks};
use mintage_testkit::installation::{Cut, Installation, Plan, get};
use tokio::time::Instant;
use tonic::Code;

use super::asking::{Answer, Credentials, Door};
use super::load::sibling;
use super::operator::Operator;
use super::site::{PATIENCE, Site, until};

/// Cuts every way from one process to a service.
pub(super) fn cut(installation: &Installation, caller: ServiceName, callee: ServiceName, how: Cut) {
    installation.relays(caller, 0, callee).iter().for_each(|relay| relay.cut(how));
}

pub(super) fn heal(installation: &Installation, caller: ServiceName, callee: ServiceName) {
    installation.relays(caller, 0, callee).iter().for_each(|relay| relay.heal());
}

/// Memories that serve for 5 s.
pub(super) fn impatient(plan: Plan) -> Plan {
    let feed = |plan: Plan, service, of: &str| {
        let plan = plan.setting(service, &format!("{of}__FEED__HEARTBEAT_TIMEOUT"), "1500 ms");
        plan.setting(service, &format!("{of}__FEED__MAX_STALENESS"), "5 s")
    };
    feed(feed(plan, TOKEN, "TOKEN"), EDGE, "EDGE").setting(
        REGISTRY,
        "CLIENT_REGISTRY__FEED__HEARTBEAT_INTERVAL",
        "300 ms",
    )
}

async fn cut_off_from_the_registry(how: Cut) {
    let relayed = |plan: Plan| impatient(plan).relayed(TOKEN, REGISTRY).relayed(EDGE, TOKEN);
    let Some(site) = Site::start(relayed).await else { return };
    let installation = &site.installation;
    let operator = Operator::at(installation, 0);
    operator.api(AUDIENCE, SigningAlgorithm::Hs256).await.expect("an API");
    let [kept, lost] =
        [operator.granted(AUDIENCE).await, operator.granted(AUDIENCE).await].map(|made| made.expect("a client"));
    caught_up(installation, &operator).await;
    // The edge of the same number asks the cut one alone.
    installation.relays(EDGE, 0, TOKEN)[1].cut(Cut::Refused);
    let mut here = [Door::token(installation, 0), Door::edge(installation, 0)];
    let mut there = Door::token(installation, 1);
    for door in &mut here {
        until("a token", PATIENCE, async || {
            matches!(door.ask(&kept.credentials).await, Answer::Token(_)).then_some(())
        })
        .await;
        door.token_for(&lost.credentials).await;
    }
    cut(installation, TOKEN, REGISTRY, how);
    let began = Instant::now();
    operator.disable(&lost.credentials.client_id).await.expect("the other replica is heard");
    assert!(matches!(there.ask(&lost.credentials).await, Answer::Refused(_)), "the other replica knows");

    // From what it remembers, up to the bound and not past it.
    let mut last_token = Duration::ZERO;
    let (_, refused) = until("a refusal", PATIENCE, async || {
        let asked = began.elapsed();
        let answers = [here[0].ask(&kept.credentials).await, here[1].ask(&kept.credentials).await];
        for answer in &answers {
            match answer {
                Answer::Token(_) => last_token = asked,
                Answer::Unavailable => {}
                other => panic!("{how:?}: {other:?} after {asked:?}"),
            }
        }
        answers.iter().all(|answer| *answer == Answer::Unavailable).then_some(())
    })
    .await;
    println!("figure: {how:?} cut of token from registry: last token after {last_token:?}, refused after {refused:?}");
    assert!(last_token >= Duration::from_secs(3), "{how:?}: it answers from memory: {last_token:?}");
    assert!(last_token <= MAX_STALENESS, "{how:?}: it answered for {last_token:?}");
    assert_eq!(there_is(&mut there, &kept.credentials).await, Code::Ok, "the other replica is untouched");

    heal(installation, TOKEN, REGISTRY);
    let (_, healed) = until("a token after healing", PATIENCE, async || {
        // Whatever is answered for the client that was disabled meanwhile, it is no token.
        for door in &mut here {
            let answer = door.ask(&lost.credentials).await;
            assert!(!matches!(answer, Answer::Token(_)), "{how:?}: acted on the state from before the cut");
        }
        let mut served = true;
        for door in &mut here {
            served &= matches!(door.ask(&kept.credentials).await, Answer::Token(_));
        }
        served.then_some(())
    })
    .await;
    println!("figure: {how:?} cut of token from registry: served again {healed:?} after healing");
    for door in &mut here {
        assert!(matches!(door.ask(&lost.credentials).await, Answer::Refused(_)));
    }
}

/// Waits until the token service that is about to be cut off has applied every change so far: what it loads from then on it
/// remembers, since nothing that is still on its way overtakes that. The last change is nobody's: those before it are
/// applied for certain when it is known.
async fn caught_up(installation: &Installation, operator: &Operator) {
    operator.client("nobody", AUDIENCE).await.expect("a change");
    let tasks = Tasks::new();
    let registry = sibling(installation, installation.folder(), TOKEN, REGISTRY, &tasks);
    let request = ResolveTenantRequest { by: Some(By::Id("default".to_owned())) };
    let head =
        ResolverServiceClient::new(registry).resolve_tenant(request).await.expect("a tenant").into_inner().revision;
    let health = installation.address(TOKEN, 0, "health");
    let applied = || {
        let page = get(health, "/metrics").1;
        let value = page.lines().find_map(|line| line.strip_prefix("mintage_feed_revision{")?.split(' ').nth(1));
        value.expect("the revision that it has applied").parse::<f64>().expect("a number")
    };
    until("what the registry knows", PATIENCE, async || (applied() >= head as f64).then_some(())).await;
}

async fn there_is(door: &mut Door, credentials: &Credentials) -> Code {
    if matches!(door.ask(credentials).await, Answer::Token(_)) { Code::Ok } else { Code::Unknown }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b32_a_token_service_that_hears_nothing_of_the_registry_refuses_past_the_bound_and_then_serves_what_is_so() {
    cut_off_from_the_registry(Cut::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b32_a_token_service_whose_registry_is_gone_refuses_past_the_bound_and_then_serves_what_is_so() {
    cut_off_from_the_registry(Cut::Refused).await;
}

const TOKEN: ServiceName = ServiceName::TOKEN;
const EDGE: ServiceName = ServiceName::EDGE;
const REGISTRY: ServiceName = ServiceName::CLIENT_REGISTRY;
const AUDIENCE: &str = "https://partitions.test/";
pub(super) const MAX_STALENESS: Duration = Duration::from_secs(5);
