//! `docker compose up` to the first token, without an engine.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use mintage_testkit::installation::{Outcome, Process, Program};
use mintage_testkit::{eventually, programs};
use serde_json::Value;

use super::machine::{Container, Machine, Mount};
use crate::deployment::compose::{arguments, compose, mount, services};
use crate::deployment::manifests::{items, text};
use crate::deployment::pods::labels;
use crate::workspace::root;

/// The folder that the Compose file stands in, prepared, and what runs of it.
struct Site {
    compose: Value,
    machine: Machine,
    folder: PathBuf,
    running: BTreeMap<String, Process>,
}

#[test]
fn the_compose_file_leads_to_a_first_token() {
    let compose = compose();
    if !programs::is_there("curl") || !programs::is_there("psql") {
        return;
    }
    let Some(machine) = Machine::new(services(&compose).map(|(name, _)| &**name)) else { return };
    let mut site = Site::prepare(compose, machine);
    let up: Vec<_> = services(&site.compose).filter(|(_, service)| service["profiles"].is_null()).collect();
    // What shows traces is no program of ours, and nobody waits for it.
    let up: Vec<_> = up.into_iter().map(|(name, _)| name.clone()).filter(|name| name != "traces").collect();
    for name in &up {
        site.start(name);
    }
    let bootstrap = site.run("bootstrap", &[]);
    assert_eq!(bootstrap.code, 0, "{bootstrap:?}");
    fs::write(site.folder.join(PROFILE), &bootstrap.stdout).expect("a file");

    let answer = site.first_token();
    assert_eq!(answer.code, 0, "{answer:?}");
    let answer: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(text(&answer["access_token"]).split('.').count(), 3, "{answer}");
    let listed = site.run("operator", &["client", "list"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    for name in ["edge", "token", "consent", "client-registry", "key-management"] {
        assert!(site.is_healthy(name), "{name} serves and is not well");
    }
}

impl Site {
    /// Lays the files out and runs `deploy/compose/prepare`, as an operator does.
    fn prepare(compose: Value, machine: Machine) -> Self {
        let folder = machine.folder("site");
        fs::create_dir_all(folder.join("deploy/compose")).expect("a folder");
        fs::copy(root().join(PREPARE), folder.join(PREPARE)).expect("a copy");
        symlink(root().join("k8s"), folder.join("k8s")).expect("a link");
        let program = Program::beside_tests().command(&folder);
        let pki = format!("{} pki", program.get_program().display());
        let prepared = Outcome::of(Command::new(folder.join(PREPARE)).env("MINTAGE_PKI", pki));
        assert_eq!(prepared.code, 0, "{prepared:?}");
        Self { compose, machine, folder, running: BTreeMap::new() }
    }

    /// Starts a service when what it depends on is as it asks.
    fn start(&mut self, name: &str) {
        let service = self.compose["services"][name].clone();
        for (other, wanted) in service["depends_on"].as_object().into_iter().flatten() {
            match text(&wanted["condition"]) {
                "service_completed_successfully" => {}
                "service_healthy" => self.until_healthy(other),
                condition => panic!("{name} depends on {other} as nobody knows: {condition}"),
            }
        }
        if name == "postgresql" {
            let script = root().join("k8s/overlays/local/databases.sh");
            let process = self.machine.postgresql(name, &self.secrets(&service), &script);
            self.running.insert(name.to_owned(), process);
        } else if service["restart"].is_null() {
            let outcome = self.run(name, &[]);
            assert_eq!(outcome.code, 0, "{name}: {outcome:?}");
        } else {
            let process = self.machine.start(&self.container(name, &[]));
            self.running.insert(name.to_owned(), process);
        }
    }

    /// Runs a service to its end, with `more` after its own command.
    fn run(&self, name: &str, more: &[&str]) -> Outcome {
        self.machine.run(&self.container(name, more))
    }

    /// The documented request, on the port that is published, which here is the edge's own.
    fn first_token(&self) -> Outcome {
        let manual = fs::read_to_string(root().join("docs/operations.md")).expect("the manual");
        let from = manual.find(". deploy/compose/state/operator.env").expect("the first token is documented");
        let request = manual[from..].split("```").next().unwrap_or_default();
        let script = format!("cd '{}'\n{}", self.folder.display(), request.replace("curl ", "curl --silent "));
        self.machine.beside(&self.running["edge"], &["sh", "-euc", &script])
    }

    fn until_healthy(&self, name: &str) {
        let healthy = eventually(PATIENCE, || self.is_healthy(name).then_some(()));
        assert!(healthy.is_some(), "{name} does not become well: {}", self.running[name].log());
    }

    /// Whether its health check succeeds.
    fn is_healthy(&self, name: &str) -> bool {
        let check: Vec<_> = items(&self.compose["services"][name]["healthcheck"]["test"]).map(text).collect();
        assert_eq!(check.first(), Some(&"CMD"), "{name} has a health check that needs no shell");
        self.machine.succeeds_in(&self.running[name], name != "postgresql", &check[1..])
    }

    fn container(&self, name: &str, more: &[&str]) -> Container {
        let service = &self.compose["services"][name];
        let arguments = arguments(service).chain(more.iter().copied());
        let mut variables: Vec<_> = labels(&service["environment"]).into_iter().collect();
        for file in items(&service["env_file"]) {
            let lines = fs::read_to_string(self.folder.join(text(&file["path"]))).unwrap_or_default();
            variables.extend(lines.lines().filter_map(|line| line.split_once('=')).map(owned));
        }
        let volumes = items(&service["volumes"]).map(mount).map(|(source, target)| Mount {
            source: self.folder.join(source.trim_start_matches("./")),
            target: target.to_owned(),
            writable: false,
        });
        let secrets = items(&service["secrets"]).map(|secret| Mount {
            source: self.secret(secret),
            target: format!("/run/secrets/{}", text(&secret["target"])),
            writable: false,
        });
        Container {
            name: name.to_owned(),
            arguments: arguments.map(str::to_owned).collect(),
            variables,
            mounts: volumes.chain(secrets).collect(),
        }
    }

    /// The file of a secret.
    fn secret(&self, secret: &Value) -> PathBuf {
        self.folder.join(text(&self.compose["secrets"][text(&secret["source"])]["file"]))
    }

    /// The secrets of a service in a folder of their own.
    fn secrets(&self, service: &Value) -> PathBuf {
        let folder = self.machine.folder("postgresql-secrets");
        for secret in items(&service["secrets"]) {
            fs::copy(self.secret(secret), folder.join(text(&secret["target"]))).expect("a copy");
        }
        folder
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

const PREPARE: &str = "deploy/compose/prepare";
const PROFILE: &str = "deploy/compose/state/operator.env";
const PATIENCE: Duration = Duration::from_secs(60);
