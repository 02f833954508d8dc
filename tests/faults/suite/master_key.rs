//! One master key follows another in the steps of the manual, while many clients ask and keys are made.

use std::fs;
use std::path::Path;

use mintage_api::keys::RevealSharedSecretsRequest;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_testkit::installation::{Installation, Outcome, Plan, Process};
use serde_json::Value;

use super::load::Load;
use super::operator::Operator;
use super::site::{PATIENCE, Site, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_master_key_is_changed_step_by_step_and_no_request_is_lost() {
    // The machine is busy: whoever waits longer for a signature than is usual is not to be sent away for that.
    let patient = |plan: Plan| plan.setting(ServiceName::TOKEN, "TOKEN__SIGNING__BATCHES__MAX_WAIT", "10 s");
    let Some(mut site) = Site::start(patient).await else { return };
    let installation = &mut site.installation;
    let operator = Operator::at(installation, 0);
    operator.api("https://sealed.test/", SigningAlgorithm::Hs256).await.expect("an API");
    let granted = operator.granted("https://sealed.test/").await.expect("a client");
    let load = Load::start(installation, &granted.credentials);

    tell(installation.folder(), OLD, NEW_IN_BASE64);
    roll(installation, &load, "new-opens").await;
    tell(installation.folder(), NEW, OLD_IN_BASE64);
    roll(installation, &load, "new-seals").await;

    // Whoever takes the old key away too early does not get far, and no harm comes of it.
    end(installation.take(KEYS, 0)).await;
    tell(installation.folder(), NEW, "");
    let refused = tokio::task::block_in_place(|| Outcome::of(&mut installation.command(KEYS, 0)));
    assert!(refused.code != 0 && refused.stderr.contains("is none of those given"), "{refused:?}");
    tell(installation.folder(), NEW, OLD_IN_BASE64);
    installation.start_one(KEYS, 0);

    let resealed = tokio::task::block_in_place(|| reseal_twice_at_once(installation));
    println!("resealed by two at once: {resealed:?}");
    assert!(resealed.iter().sum::<u64>() > 0, "there was something under the old key");
    let again = tokio::task::block_in_place(|| reseal(installation));
    assert_eq!(again, 0, "nothing is left under the old key");

    tell(installation.folder(), NEW, "");
    roll(installation, &load, "old-gone").await;
    let (tokens, lost) = load.end().await;
    println!("figure: tokens while one master key followed another | {tokens} | lost {}", lost.len());
    assert!(lost.is_empty(), "{} of {tokens}: {:?}", lost.len(), &lost[..lost.len().min(5)]);
}

/// What processes hear when they start.
fn tell(folder: &Path, seals: u8, opens: &str) {
    fs::write(folder.join("master.key"), [seals; 32]).expect("the key can be written");
    fs::write(folder.join("other-master-keys"), opens).expect("the list can be written");
}

/// Starts the replicas of key management anew, one after the other. Before, between and after, each opens what the other
/// makes.
async fn roll(installation: &mut Installation, load: &Load, step: &str) {
    for replica in [0, 1] {
        let before = load.tokens();
        until("load", PATIENCE, async || (load.tokens() > before + 50).then_some(())).await;
        end(installation.take(KEYS, replica)).await;
        installation.start_one(KEYS, replica);
        assert_each_opens_what_the_other_makes(installation, &format!("{step}-{replica}")).await;
    }
}

async fn end(process: Process) {
    process.terminate();
    let code = tokio::task::spawn_blocking(|| process.code()).await.expect("it ends");
    assert_eq!(code, Some(0), "it ends in order");
}

async fn assert_each_opens_what_the_other_makes(installation: &Installation, step: &str) {
    let operators = [0, 1].map(|replica| Operator::at(installation, replica));
    for (replica, maker) in operators.iter().enumerate() {
        let api = maker.api(&format!("https://{step}-{replica}.test/"), SigningAlgorithm::Hs256).await.expect("an API");
        // This one makes a key itself.
        maker.rotate(&api).await.expect("a rotation");
        for opener in &operators {
            let request =
                RevealSharedSecretsRequest { resource_server_id: api.clone(), ..RevealSharedSecretsRequest::default() };
            let revealed = opener.rings.clone().reveal_shared_secrets(request).await.expect("the secrets open");
            assert_eq!(revealed.into_inner().secrets.len(), 3, "{step}");
        }
    }
}

/// How many were moved; the command fails if any is left elsewhere.
fn reseal(installation: &Installation) -> u64 {
    let outcome = installation.operate(&["key", "reseal", "--output", "json"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    answer["resealed"].as_u64().expect("a number")
}

fn reseal_twice_at_once(installation: &Installation) -> [u64; 2] {
    std::thread::scope(|threads| {
        let both = [(); 2].map(|()| threads.spawn(|| reseal(installation)));
        both.map(|one| one.join().expect("it ends"))
    })
}

const KEYS: ServiceName = ServiceName::KEY_MANAGEMENT;
/// Their bytes are all the same.
const OLD: u8 = 1;
const NEW: u8 = 9;
const OLD_IN_BASE64: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
const NEW_IN_BASE64: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
