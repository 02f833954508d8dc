//! Every process restarted, one after the other, while many clients ask.

use mintage_api::types::SigningAlgorithm;

use super::figures::{Figures, rounds};
use super::load::Load;
use super::operator::Operator;
use super::site::{PATIENCE, PROCESSES, Site, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_of_everything_loses_no_request() {
    let Some(mut site) = Site::start(|plan| plan).await else { return };
    let operator = Operator::at(&site.installation, 0);
    operator.api("https://rolling.test/", SigningAlgorithm::Es256).await.expect("an API");
    let granted = operator.granted("https://rolling.test/").await.expect("a client");
    let load = Load::start(&site.installation, &granted.credentials);
    let mut drains = Figures::default();
    for round in rounds(1) {
        for (service, replica) in PROCESSES {
            let before = load.tokens();
            until("load", PATIENCE, async || (load.tokens() > before + 50).then_some(())).await;
            let process = site.installation.take(service, replica);
            process.terminate();
            let began = tokio::time::Instant::now();
            let code = tokio::task::spawn_blocking(|| process.code()).await.expect("it ends");
            drains.add(began.elapsed());
            println!("round {round}: {service} {replica} drained in {:?}", began.elapsed());
            assert_eq!(code, Some(0), "{service} {replica} ends in order");
            site.installation.start_one(service, replica);
        }
    }
    let (tokens, lost) = load.end().await;
    println!("figure: tokens during a rolling restart | {tokens} | lost {}", lost.len());
    drains.report("from SIGTERM to the end of a process");
    assert!(lost.is_empty(), "{} of {tokens}: {:?}", lost.len(), &lost[..lost.len().min(5)]);
}
