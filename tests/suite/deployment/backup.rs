//! The manual's way to back up and restore, word for word, on a server of the test's own. `people` is what users had said.

mod people;

use std::fs;
use std::path::Path;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use mintage_chassis::ServiceName;
use mintage_testkit::PostgresServer;
use mintage_testkit::installation::{Installation, Outcome, Plan, Program, Speech, get};
use serde_json::Value;

use self::people::{Notebook, create_user, operate};
use super::manifests::text;
use crate::workspace::root;

#[tokio::test]
async fn a_restored_installation_issues_tokens_its_earlier_ones_go_on_verifying_and_what_users_granted_is_there() {
    let Some(mut server) = PostgresServer::create() else { return };
    server.start(&[]);
    for name in DATABASES {
        let made = format!(
            "psql --quiet --command \"CREATE ROLE {name} LOGIN PASSWORD 'own'\" postgres; createdb --owner={name} {name}"
        );
        succeed(&server, Path::new("/"), &made);
    }
    let [registry, keys, consent] = DATABASES.map(|name| format!("postgres://{name}:own@{}/{name}", server.address()));
    let plan = Plan::new(Program::beside_tests(), Speech::Plaintext).on(&keys, &registry).consent_on(&consent);
    let mut installation = Installation::start(plan);
    let before = token(&installation);
    assert_verified(&installation, &before);
    let mut notebook = Notebook::agreed(&installation).await;

    let [back_up, restore] = documented();
    let dumps = tempfile::tempdir().expect("a folder");
    succeed(&server, dumps.path(), &back_up);
    create_client(&installation, "Later");
    create_user(&installation, LATER);
    assert!(clients(&installation).contains("Later"));
    assert!(operate(&installation, &["user", "list"]).contains(LATER));
    let dumped = notebook.remembered();
    notebook.refresh(&installation);
    stop(&mut installation);
    succeed(&server, dumps.path(), &restore);

    // With another master key nothing is changed, and the right one still opens everything.
    let folder = installation.folder().to_owned();
    fs::write(folder.join("master.key"), [9; 32]).expect("a file");
    let refused = Outcome::of(&mut installation.command(ServiceName::KEY_MANAGEMENT, 0));
    assert!(refused.code != 0 && refused.stderr.contains("none of those given"), "{refused:?}");
    fs::write(folder.join("master.key"), [1; 32]).expect("a file");
    installation.start_all();

    let after = token(&installation);
    assert_verified(&installation, &before);
    assert_verified(&installation, &after);
    assert!(!clients(&installation).contains("Later"), "what was written after the dump is gone");
    assert!(!operate(&installation, &["user", "list"]).contains(LATER), "and so is who came after it");
    dumped.stands_again(&installation, &notebook).await;
    create_client(&installation, "Later still");
    let strangers =
        format!("psql --command 'SELECT 1' 'postgres://client_registry:own@{}/{}'", server.address(), DATABASES[1]);
    let outcome = Outcome::of(&mut server.shell(&strangers));
    assert!(outcome.code != 0, "another service's role opens what was restored");
}

/// The commands under "Back up and restore" of the manual: those of the backup, and those of the restoration.
fn documented() -> [String; 2] {
    let manual = fs::read_to_string(root().join("docs/operations.md")).expect("the manual");
    let section =
        manual.split("\n## ").find(|section| section.starts_with("Back up and restore")).expect("the section");
    let blocks: Vec<_> =
        section.split("```").skip(1).step_by(2).map(|block| block.trim_start_matches("sh\n")).collect();
    <[&str; 2]>::try_from(blocks).expect("two blocks").map(str::to_owned)
}

fn succeed(server: &PostgresServer, folder: &Path, script: &str) {
    let outcome = Outcome::of(server.shell(script).current_dir(folder));
    assert_eq!(outcome.code, 0, "{script}: {outcome:?}");
}

fn stop(installation: &mut Installation) {
    for service in SERVICES {
        let process = installation.take(service, 0);
        process.terminate();
        assert_eq!(process.code(), Some(0), "{service}");
    }
}

fn token(installation: &Installation) -> String {
    let answer: Value = serde_json::from_str(&installation.ask_for_token().expect("a token")).expect("JSON");
    text(&answer["access_token"]).to_owned()
}

fn assert_verified(installation: &Installation, token: &str) {
    let edge = installation.address(ServiceName::EDGE, 0, "http");
    let keys: JwkSet = serde_json::from_str(&get(edge, "/.well-known/jwks.json").1).expect("a key set");
    let header = decode_header(token).expect("a header");
    let key = keys.find(header.kid.as_deref().expect("a key id")).expect("its key is in the set");
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&["urn:mintage:management"]);
    let key = DecodingKey::from_jwk(key).expect("a key");
    decode::<Value>(token, &key, &validation).expect("it verifies");
}

fn create_client(installation: &Installation, name: &str) {
    operate(installation, &["client", "create", "--name", name]);
}

fn clients(installation: &Installation) -> String {
    operate(installation, &["client", "list"])
}

const LATER: &str = "later@example.org";
const DATABASES: [&str; 3] = ["client_registry", "key_management", "consent"];
const SERVICES: [ServiceName; 5] = [
    ServiceName::EDGE,
    ServiceName::TOKEN,
    ServiceName::CONSENT,
    ServiceName::CLIENT_REGISTRY,
    ServiceName::KEY_MANAGEMENT,
];
