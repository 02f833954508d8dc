//! New certificates and a new authority while many clients ask; and whoever is not who they should be.

use std::path::Path;

use mintage_api::keys::SignRequest;
use mintage_api::keys::signing_service_client::SigningServiceClient;
use mintage_api::token::IssueTokenRequest;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::{ChannelSettings, ServiceName, Tasks, Transport};
use mintage_clock::Randomness;
use mintage_testkit::installation::{Certificates, Installation};
use tonic::{Code, Status};

use super::load::{Load, identity, sibling};
use super::operator::Operator;
use super::site::{PATIENCE, PROCESSES, SERVICES, Site, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_certificates_and_a_new_authority_take_over_under_load_without_a_lost_request() {
    let Some(mut site) = Site::start(|plan| plan.setting_of_all("TLS__RELOAD_INTERVAL", "100 ms")).await else {
        return;
    };
    let operator = Operator::at(&site.installation, 0);
    operator.api("https://rotation.test/", SigningAlgorithm::Es256).await.expect("an API");
    let granted = operator.granted("https://rotation.test/").await.expect("a client");
    let load = Load::start(&site.installation, &granted.credentials);
    let [old, new] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    copy(site.installation.folder(), old.path());

    let successor = site.installation.certificates().successor();
    successor.trust(&[site.installation.certificates()]);
    // Everyone trusts the new authority before anyone shows a certificate of it.
    everywhere("trust in the new authority", async |service, replica| {
        reloads(&site.installation, service, replica) >= 1
    })
    .await;
    successor.issue();
    successor.trust(&[]);
    copy(site.installation.folder(), new.path());
    everywhere("the new authority alone", async |service, replica| {
        if service == EDGE {
            return reloads(&site.installation, service, replica) >= 2;
        }
        let with = async |folder: &Path| knock(&site.installation, folder, EDGE, service, replica).await;
        with(new.path()).await != Code::Unavailable && with(old.path()).await == Code::Unavailable
    })
    .await;
    // Connections that stand outlive a rotation, so some are made anew.
    for service in SERVICES {
        let process = site.installation.take(service, 0);
        process.terminate();
        assert_eq!(tokio::task::spawn_blocking(|| process.code()).await.expect("it ends"), Some(0));
        site.installation.start_one(service, 0);
        let before = load.tokens();
        until("load", PATIENCE, async || (load.tokens() > before + 50).then_some(())).await;
    }
    let (tokens, lost) = load.end().await;
    println!("figure: tokens during a change of certificates and authority | {tokens} | lost {}", lost.len());
    assert!(lost.is_empty(), "{} of {tokens}: {:?}", lost.len(), &lost[..lost.len().min(5)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b24_a_process_answers_nobody_who_is_not_a_sibling_that_may_call_it() {
    let Some(site) = Site::start(|plan| plan).await else { return };
    let (installation, ours) = (&site.installation, site.installation.folder());
    assert_eq!(sign(installation, ours, TOKEN).await, Code::Ok, "the token service may have signatures made");
    assert_eq!(sign(installation, ours, EDGE).await, Code::PermissionDenied, "the edge may not");
    assert_eq!(knock(installation, ours, EDGE, TOKEN, 0).await, Code::InvalidArgument, "it is heard elsewhere");
    let foreign = tempfile::tempdir().expect("a folder");
    let foreigner = Certificates::in_folder(foreign.path());
    assert_eq!(knock(installation, foreign.path(), EDGE, TOKEN, 0).await, Code::Unavailable, "another authority");
    std::fs::copy(ours.join("ca.pem"), foreign.path().join("ca.pem")).expect("a file");
    assert_eq!(
        knock(installation, foreign.path(), EDGE, TOKEN, 0).await,
        Code::Unavailable,
        "trusting us is not enough"
    );
    drop(foreigner);
    let elsewhere = installation.address(ServiceName::CLIENT_REGISTRY, 0, "internal");
    let tasks = Tasks::new();
    let expecting = identity(ours, EDGE, &tasks);
    let to =
        Transport::connect(&elsewhere.to_string(), TOKEN, &expecting, ChannelSettings::default(), Randomness::system())
            .expect("an address");
    assert_eq!(call(to).await, Code::Unavailable, "whoever answers in the place of another is not spoken to");
}

/// What a token request without content meets at one process, from `own` by the certificate in `folder`.
async fn knock(installation: &Installation, folder: &Path, own: ServiceName, at: ServiceName, replica: usize) -> Code {
    let tasks = Tasks::new();
    let address = installation.address(at, replica, "internal").to_string();
    let identity = identity(folder, own, &tasks);
    call(
        Transport::connect(&address, at, &identity, ChannelSettings::default(), Randomness::system())
            .expect("an address"),
    )
    .await
}

/// How often a process said that it has taken new certificates.
fn reloads(installation: &Installation, service: ServiceName, replica: usize) -> usize {
    installation.process(service, replica).log().matches("certificates were reloaded").count()
}

/// What an order of no signatures meets at key management.
async fn sign(installation: &Installation, folder: &Path, own: ServiceName) -> Code {
    let tasks = Tasks::new();
    let transport = sibling(installation, folder, own, ServiceName::KEY_MANAGEMENT, &tasks);
    let answer = SigningServiceClient::new(transport).sign(SignRequest::default()).await;
    answer.map_or_else(|status: Status| status.code(), |_| Code::Ok)
}

async fn call(transport: Transport) -> Code {
    let answer = TokenServiceClient::new(transport).issue_token(IssueTokenRequest::default()).await;
    answer.map_or_else(|status: Status| status.code(), |_| Code::Ok)
}

/// Waits until `holds` of every process.
async fn everywhere(what: &str, holds: impl AsyncFn(ServiceName, usize) -> bool) {
    for (service, replica) in PROCESSES {
        until(what, PATIENCE, async || holds(service, replica).await.then_some(())).await;
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.ends_with(".pem") || name.ends_with(".key")) {
            std::fs::copy(entry.path(), to.join(name)).expect("a file");
        }
    }
}

const EDGE: ServiceName = ServiceName::EDGE;
const TOKEN: ServiceName = ServiceName::TOKEN;
