//! Five processes that are one installation.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::{fs, thread};

use mintage_api::keys::SignRequest;
use mintage_api::keys::signing_service_client::SigningServiceClient;
use mintage_chassis::ServiceName;
use mintage_clock::Timestamp;
use mintage_key_management::store::KeyStore;
use mintage_store::Backend;
use mintage_testkit::installation::{Installation, Outcome, Plan, Post, Speech, get};
use mintage_testkit::{TestDatabase, databases};
use serde_json::Value;
use tonic::Code;
use tonic::transport::Endpoint;

use crate::running::{nobody, program};

fn start(speech: Speech) -> Installation {
    Installation::start(Plan::new(program(), speech))
}

fn fetch_token(installation: &Installation) -> String {
    let answer: Value = serde_json::from_str(&installation.ask_for_token().unwrap()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

fn kid_of(token: &str) -> String {
    mintage_jose::jwt::decode_header(token).unwrap().kid.unwrap().to_string()
}

#[tokio::test]
async fn a_token_goes_through_processes_of_their_own_over_mutual_tls() {
    for keys in databases().await {
        let another = async || match keys.backend() {
            Backend::Sqlite => TestDatabase::sqlite(),
            Backend::Postgres => TestDatabase::postgres().await.unwrap(),
        };
        let databases = [&keys, &another().await, &another().await];
        let [keys, registry, consent] = databases.map(|database| database.settings().url.as_str());
        let plan = Plan::new(program(), Speech::MutualTls).on(keys, registry).consent_on(consent);
        let installation = Installation::start(plan);
        let token = fetch_token(&installation);
        let (_, key_set) = get(installation.address(ServiceName::EDGE, 0, "http"), "/.well-known/jwks.json");
        assert!(key_set.contains(&kid_of(&token)), "{key_set}");
        let created = installation.operate(&["client", "create", "--name", "Worker", "--output", "json"]);
        assert_eq!(created.code, 0, "{created:?}");
        let keys = installation.operate(&["key", "list", "--output", "json"]);
        let listed: Value = serde_json::from_str(&keys.stdout).unwrap();
        assert!(listed["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid_of(&token)), "{listed}");
    }
}

#[tokio::test]
async fn keys_are_managed_by_the_certificate_of_the_installation_when_no_operator_gets_a_token() {
    let [keys, registry] = [TestDatabase::sqlite(), TestDatabase::sqlite()];
    let plan = Plan::new(program(), Speech::MutualTls).on(&keys.settings().url, &registry.settings().url);
    let installation = Installation::start(plan);
    let folder = installation.folder();
    let door = installation.address(ServiceName::KEY_MANAGEMENT, 0, "internal").to_string();
    let key = |identity: &str, arguments: &[&str]| {
        fs::create_dir_all(folder.join("shown")).unwrap();
        for (ours, theirs) in [(format!("{identity}.pem"), "tls.crt"), (format!("{identity}.key"), "tls.key")] {
            fs::copy(folder.join(ours), folder.join("shown").join(theirs)).unwrap();
        }
        fs::copy(folder.join("ca.pem"), folder.join("shown/ca.crt")).unwrap();
        let by = ["--identity", "shown", "--internal", &door, "--trust-domain", "mintage.test", "--output", "json"];
        Outcome::of(program().command(folder).arg("key").args(arguments).args(by).stdin(Stdio::null()))
    };
    let rotated = key("mintage", &["rotate", "--algorithm", "ES256", "--now-danger"]);
    assert_eq!(rotated.code, 0, "{rotated:?}");
    let history: Value = serde_json::from_str(&key("mintage", &["history"]).stdout).unwrap();
    assert_eq!(history["facts"][0]["by"], "installation", "{history}");
    for lists in ["list", "status", "history"] {
        let nobodys = key("mintage", &[lists, "--tenant", "nope"]);
        assert!(nobodys.code == 1 && nobodys.stderr.contains("no tenant \"nope\""), "{nobodys:?}");
    }
    // As when all of it is older than `record_retention`.
    let ever = Timestamp::from_unix_millis(i64::MAX);
    assert!(KeyStore::new(keys.connect().await).clear_facts(ever, u64::from(u32::MAX)).await.unwrap() > 0);
    let cleared = key("mintage", &["history", "--tenant", "default"]);
    assert_eq!(cleared.code, 0, "the tenant lives: {cleared:?}");
    let cleared: Value = serde_json::from_str(&cleared.stdout).unwrap();
    assert_eq!(cleared["facts"], serde_json::json!([]));

    let refused = key("token", &["status"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "another service's certificate: {refused:?}");
    let half = Outcome::of(program().command(folder).args(["key", "status", "--identity", "shown"]));
    assert_eq!(half.code, 2, "{half:?}");
}

#[test]
fn whoever_knocks_at_the_wrong_door_is_told_which_it_is_and_what_to_do() {
    let installation = start(Speech::MutualTls);
    let folder = installation.folder();
    let address = |door: &str| installation.address(ServiceName::KEY_MANAGEMENT, 0, door).to_string();
    fs::create_dir_all(folder.join("shown")).unwrap();
    for (ours, theirs) in [("mintage.pem", "tls.crt"), ("mintage.key", "tls.key"), ("ca.pem", "ca.crt")] {
        fs::copy(folder.join(ours), folder.join("shown").join(theirs)).unwrap();
    }
    let by_identity = |door: &str| {
        let by = ["key", "status", "--identity", "shown", "--internal", door, "--trust-domain", "mintage.test"];
        Outcome::of(program().command(folder).args(by).stdin(Stdio::null()))
    };
    let nobody = nobody();
    for (door, said) in [
        (address("public"), "(--internal) asks for an operator's token, as the public door does"),
        (address("health"), "(--internal) answers, but does not prove to be key management"),
        (nobody.local_addr().unwrap().to_string(), "nothing answers at "),
    ] {
        let refused = by_identity(&door);
        assert_eq!(refused.code, 69, "{refused:?}");
        let names_it = refused.stderr.contains(&door) && refused.stderr.contains("`listen.internal`");
        assert!(refused.stderr.contains(said) && names_it, "{refused:?}");
    }
    let url = |service, door| format!("https://localhost:{}", installation.address(service, 0, door).port());
    let mut operates = program().command(folder);
    operates.env("MINTAGE_PROFILE", "operator.env").env("MINTAGE_CA", "ca.pem").args(["key", "status"]);
    operates.env("MINTAGE_GRPC", url(ServiceName::TOKEN, "public"));
    operates.stdin(Stdio::null());
    let mut assert_told = |variable: &str, service| {
        let door = url(service, "internal");
        let refused = Outcome::of(operates.env(variable, &door));
        assert_eq!(refused.code, 69, "{refused:?}");
        let said =
            format!("{door} ({variable}) broke another connection, too: if it breaks each, as an internal door does");
        assert!(refused.stderr.contains(&said) && refused.stderr.contains("`listen.public`"), "{refused:?}");
        assert!(refused.stderr.contains("whether anything was done is not known"), "{refused:?}");
    };
    assert_told("MINTAGE_KEYS_GRPC", ServiceName::KEY_MANAGEMENT);
    assert_told("MINTAGE_GRPC", ServiceName::TOKEN);
}

#[test]
fn a_trial_on_one_machine_needs_no_certificates() {
    let installation = start(Speech::Plaintext);
    fetch_token(&installation);
    let listed = installation.operate(&["tenant", "list"]);
    assert_eq!(listed.code, 0, "{listed:?}");
}

#[tokio::test]
async fn at_a_public_door_nobody_is_a_sibling_whatever_it_says() {
    let installation = start(Speech::Plaintext);
    let sign = async |door: &str| {
        let url = format!("http://{}", installation.address(ServiceName::KEY_MANAGEMENT, 0, door));
        let endpoint = Endpoint::from_shared(url).unwrap().user_agent("mintage-service/token").unwrap();
        let mut signing = SigningServiceClient::new(endpoint.connect().await.unwrap());
        signing.sign(SignRequest::default()).await
    };
    assert_eq!(sign("public").await.unwrap_err().code(), Code::PermissionDenied);
    let signed = sign("internal").await.unwrap().into_inner();
    assert!(signed.results.is_empty(), "a sibling may ask for nothing");
}

#[test]
fn every_process_tells_probes_that_it_is_well() {
    let installation = start(Speech::Plaintext);
    fetch_token(&installation);
    for service in SERVICES {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(get(installation.address(service, 0, "health"), path).0, "HTTP/1.1 200 OK", "{path}");
        }
    }
}

#[test]
fn a_process_that_is_told_to_stop_lets_requests_under_way_end() {
    let mut installation = start(Speech::Plaintext);
    let under_way =
        Post::begin(installation.address(ServiceName::EDGE, 0, "http"), "/oauth/token", &installation.form());
    installation.process(ServiceName::EDGE, 0).terminate();
    let health = installation.address(ServiceName::EDGE, 0, "health");
    while get(health, "/readyz").0 == "HTTP/1.1 200 OK" {
        thread::yield_now();
    }
    assert_eq!(under_way.finish().0, "HTTP/1.1 200 OK");
    assert_eq!(installation.take(ServiceName::EDGE, 0).code(), Some(0));
    for service in SERVICES.into_iter().filter(|service| *service != ServiceName::EDGE) {
        let process = installation.take(service, 0);
        process.terminate();
        assert_eq!(process.code(), Some(0));
    }
}

#[test]
fn an_installation_is_set_up_once_and_its_operator_told_once() {
    let installation = start(Speech::Plaintext);
    let file = installation.folder().join("operator.env");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(installation.operator("MINTAGE_ISSUER"), format!("{}/", installation.origin()));

    let again = installation.bootstrap(&[]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{again:?}");
    fetch_token(&installation);

    let refused = installation.bootstrap(&["--new-secret", "--write", "operator.env"]);
    assert_eq!(refused.code, 1, "a profile is not overwritten: {refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), written);

    let another = installation.bootstrap(&["--new-secret"]);
    assert!(another.stdout.contains("OPERATOR_CLIENT_SECRET=mcs_"), "{another:?}");
    fetch_token(&installation);
    fs::write(&file, another.stdout).unwrap();
    // The token service hears of what another process wrote within a heartbeat.
    while installation.ask_for_token().is_err() {}
}

const SERVICES: [ServiceName; 5] = [
    ServiceName::EDGE,
    ServiceName::TOKEN,
    ServiceName::CONSENT,
    ServiceName::CLIENT_REGISTRY,
    ServiceName::KEY_MANAGEMENT,
];
