//! Keys that rotate every two seconds under load, on three replicas, and verifiers that miss none of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mintage_api::keys::{
    KeyDeed, KeyRingName, KeyState, ListKeyFactsRequest, ListKeyRingsRequest, RotationPolicy, SetRotationPolicyRequest,
};
use mintage_api::registry::CreateResourceServerRequest;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::key_sets::Watch;
use mintage_chassis::{ServiceName, Tasks};
use mintage_clock::Randomness;
use mintage_oauth::TenantId;
use mintage_testkit::installation::Plan;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::asking::{Answer, Credentials, Door};
use super::load::sibling;
use super::operator::Operator;
use super::site::{Site, until};
use super::verifiers::{Foreign, Watching};

/// Short of everything but the time that the slowest of the verifiers keeps a key set for, whatever it is told.
fn hasty(plan: Plan) -> Plan {
    let told = [
        ("MAX_AGE", "1 s"),
        ("SKEW", "1 s"),
        ("REPLICA_LAG", "2 s"),
        ("REFRESH_INTERVAL", "100 ms"),
        ("WATCH__SIGN_OF_LIFE_INTERVAL", "300 ms"),
        ("MAX_SERVED_KEYS", "64"),
        ("SHORTEST_ROTATION_PERIOD", "1 s"),
        ("WATCH__SIGN_OF_LIFE_INTERVAL", "300 ms"),
    ];
    let plan = plan.replicas_of(ServiceName::KEY_MANAGEMENT, 3);
    told.into_iter().fold(plan, |plan, (key, value)| {
        plan.setting(ServiceName::KEY_MANAGEMENT, &format!("KEY_MANAGEMENT__{key}"), value)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lesson_18_verifiers_with_the_caches_they_come_with_miss_no_key_that_follows_every_two_seconds() {
    let Some(site) = Site::start(hasty).await else { return };
    let installation = &site.installation;
    let operator = Operator::at(installation, 0);
    let credentials = api_with_hasty_keys(&operator).await;
    let key_set = format!("{}/.well-known/jwks.json", installation.origin());
    let (Some(pyjwt), Some(jose)) = (Foreign::pyjwt(&key_set, AUDIENCE), Foreign::jose(&key_set, AUDIENCE)) else {
        return;
    };
    let tasks = Tasks::new();
    let watching = Arc::new(Watching::default());
    let keys = sibling(installation, installation.folder(), ServiceName::EDGE, ServiceName::KEY_MANAGEMENT, &tasks);
    let (tenant, randomness) = (TenantId::default_tenant(), Randomness::system());
    let watch = Watch::new(tenant, "a verifier".to_owned(), Arc::clone(&watching) as _, keys, randomness);
    tasks.spawn("a watch", watch.run());
    until("a key set", Duration::from_secs(10), async || (watching.holds() > 0).then_some(())).await;

    let ended = Arc::new(AtomicBool::new(false));
    let (said, mut tokens) = tokio::sync::mpsc::channel(1000);
    let askers: Vec<_> = Door::all(installation)
        .into_iter()
        .map(|door| tokio::spawn(ask(door, credentials.clone(), said.clone(), Arc::clone(&ended))))
        .collect();
    drop(said);
    let timing = async {
        // The key announced with the ring signs at once; those after it once they were announced for long enough.
        until("the third key", Duration::from_secs(70), async || (activations(&operator).await >= 3).then_some(()))
            .await;
        let before = activations(&operator).await;
        let begun = Instant::now();
        until("a minute", Duration::from_secs(70), async || (begun.elapsed() >= A_MINUTE).then_some(())).await;
        let rotated = activations(&operator).await - before;
        ended.store(true, Ordering::Relaxed);
        rotated
    };
    let (mut verified, mut missed) = (0_u64, Vec::new());
    let verifying = async {
        while let Some(token) = tokens.recv().await {
            if watching.verifies(&token) {
                verified += 1;
            } else {
                missed.push(token.clone());
            }
            pyjwt.give(&token);
            jose.give(&token);
        }
    };
    let (rotated, ()) = tokio::join!(timing, verifying);
    for asker in askers {
        assert_eq!(asker.await.expect("an asker ends"), [], "every request was answered with a token");
    }
    let foreign = [("PyJWT", pyjwt.end()), ("jose", jose.end())];
    println!("figure: {rotated} rotations in a minute; {verified} tokens verified by a watcher of the key set");
    for (name, (count, failures)) in &foreign {
        println!("figure: {count} tokens verified by {name}, {} failed", failures.len());
        assert_eq!((failures.as_slice(), *count), ([].as_slice(), verified), "{name}");
    }
    assert_eq!(missed, Vec::<String>::new(), "the watcher");
    assert!(rotated >= 25, "{rotated} rotations in a minute");
    let ring = ring(&operator).await;
    assert_eq!(ring.iter().filter(|state| **state == KeyState::Active).count(), 1);
}

/// An API whose keys follow each other every two seconds, and what a client asks with for it.
async fn api_with_hasty_keys(operator: &Operator) -> Credentials {
    let lifetime = prost_types::Duration { seconds: 30, nanos: 0 };
    let api = CreateResourceServerRequest {
        identifier: AUDIENCE.to_owned(),
        name: "an API of a test".to_owned(),
        signing_algorithm: SigningAlgorithm::Eddsa.into(),
        token_lifetime: Some(lifetime),
        ..CreateResourceServerRequest::default()
    };
    operator.apis.clone().create_resource_server(api).await.expect("an API");
    let length = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    // A client fetches at most once in thirty seconds, `verifier_cooldown`; what else has to be waited for is nine more.
    let policy = RotationPolicy {
        period: length(2),
        jitter: length(0),
        announce_window: length(40),
        retire_window: length(0),
        overdue: length(60),
    };
    let request = SetRotationPolicyRequest { ring: Some(ring_name()), policy: Some(policy) };
    operator.rings.clone().set_rotation_policy(request).await.expect("a policy");
    operator.granted(AUDIENCE).await.expect("a client").credentials
}

/// Asks fifty times a second, hands on what it gets, and returns everything that was no token.
async fn ask(
    mut door: Door,
    credentials: Credentials,
    said: tokio::sync::mpsc::Sender<String>,
    ended: Arc<AtomicBool>,
) -> Vec<Answer> {
    let mut lost = Vec::new();
    let mut pace = interval(Duration::from_millis(20));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !ended.load(Ordering::Relaxed) {
        pace.tick().await;
        match door.ask(&credentials).await {
            Answer::Token(token) => said.send(token).await.expect("somebody verifies"),
            other => lost.push(other),
        }
    }
    lost
}

/// How many keys of the ring were activated by now.
async fn activations(operator: &Operator) -> usize {
    let (mut count, mut page_token) = (0, String::new());
    loop {
        let request = ListKeyFactsRequest { page_token, page_size: 100, ..ListKeyFactsRequest::default() };
        let page = operator.rings.clone().list_key_facts(request).await.expect("facts").into_inner();
        let of_ring = page.facts.iter().filter(|fact| fact.ring.as_ref() == Some(&ring_name()));
        count += of_ring.filter(|fact| fact.deed() == KeyDeed::Activated).count();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return count;
        }
    }
}

async fn ring(operator: &Operator) -> Vec<KeyState> {
    let rings =
        operator.rings.clone().list_key_rings(ListKeyRingsRequest::default()).await.expect("rings").into_inner();
    let ring = rings.rings.into_iter().find(|ring| ring.name.as_ref() == Some(&ring_name())).expect("the ring");
    ring.keys.iter().map(mintage_api::keys::SigningKey::state).collect()
}

fn ring_name() -> KeyRingName {
    let algorithm = SigningAlgorithm::Eddsa.into();
    KeyRingName { tenant_id: "default".to_owned(), algorithm, resource_server_id: String::new() }
}

const AUDIENCE: &str = "https://rotation.test/";
const A_MINUTE: Duration = Duration::from_secs(60);
