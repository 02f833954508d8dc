//! What a warm token costs, and what is written behind its back.

use std::time::Duration;

use futures::future::join_all;
use mintage_api::registry::ClientChange;
use mintage_api::registry::change::Subject;
use mintage_clock::Randomness;
use mintage_oauth::ClientSecret;

use super::registry::Records;
use super::rig::{CLIENT, Rig, START, stored};

#[tokio::test]
async fn warm_tokens_read_nothing_and_cost_one_batched_signature_each() {
    let rig = Rig::new().await;
    rig.issue().await.unwrap();
    let reads = rig.registry.reads();
    for _ in 0..20 {
        rig.issue().await.unwrap();
    }
    assert_eq!(rig.registry.reads(), reads);
    assert_eq!(rig.keys.counts(), (21, 21));
}

#[tokio::test]
async fn tokens_that_are_asked_for_together_share_calls() {
    let rig = Rig::new().await;
    rig.issue().await.unwrap();
    let issued = join_all((0..64).map(|_| rig.issue())).await;
    assert!(issued.iter().all(Result::is_ok));
    let (calls, items) = rig.keys.counts();
    assert_eq!(items, 65);
    assert!(calls <= 9, "{calls} calls");
}

#[tokio::test]
async fn strangers_are_remembered_as_such() {
    let rig = Rig::new().await;
    assert!(rig.ask(rig.request_with("nobody", "nothing")).await.is_err());
    let reads = rig.registry.reads();
    assert!(rig.ask(rig.request_with("nobody", "nothing")).await.is_err());
    assert_eq!(rig.registry.reads(), reads);
}

#[tokio::test]
async fn uses_of_secrets_are_reported_once_each_with_the_newest_time() {
    let rig = Rig::new().await;
    rig.issue().await.unwrap();
    rig.clock.advance(Duration::from_millis(1500));
    rig.issue().await.unwrap();
    assert!(rig.registry.uses().is_empty());
    rig.service.tasks.drain().await;
    let uses = rig.registry.uses();
    let [only] = uses.as_slice() else { panic!("{uses:?}") };
    let used_at = only.used_at.unwrap();
    assert_eq!((only.tenant_id.as_str(), only.secret_id.as_str()), ("default", "sec_1"));
    assert_eq!((used_at.seconds, used_at.nanos), (START.unix_seconds() + 1, 500_000_000));
}

#[tokio::test]
async fn a_registry_that_takes_no_report_is_asked_once_while_the_service_ends() {
    let rig = Rig::new().await;
    // Two reports' worth.
    let secrets: Vec<_> = (0..1001).map(|seed| ClientSecret::generate(&Randomness::seeded(seed))).collect();
    let of_client = Subject::Client(ClientChange { client_id: CLIENT.to_owned() });
    let write = |records: &mut Records| {
        let client = records.clients.get_mut(CLIENT).unwrap();
        client.secrets = secrets.iter().enumerate().map(|(n, secret)| stored(&format!("sec_{n}"), secret)).collect();
    };
    rig.registry.change(of_client, write).await;
    for secret in &secrets {
        rig.ask(rig.request_with(CLIENT, secret.expose())).await.unwrap();
    }
    rig.registry.break_down();
    rig.service.tasks.drain().await;
    assert_eq!((rig.registry.reports(), rig.registry.uses().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn uses_of_secrets_are_reported_while_the_service_runs() {
    let rig = Rig::new().await;
    rig.issue().await.unwrap();
    tokio::time::advance(Duration::from_secs(6)).await;
    while rig.registry.uses().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rig.registry.uses().len(), 1);
}
