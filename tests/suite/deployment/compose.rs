//! The Compose file starts the same services from the same settings as a cluster does, and gives them as few rights.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::{Value, json};

use super::manifests::{documents, items, text};
use super::mounts::{ISSUED, Mounts};
use super::pods::labels;
use super::process::Process;
use crate::workspace::root;

pub(super) fn compose() -> Value {
    let file = fs::read_to_string(root().join("docker-compose.yml")).expect("the Compose file");
    documents(&file).remove(0)
}

/// Its services by name.
pub(super) fn services(compose: &Value) -> impl Iterator<Item = (&String, &Value)> {
    compose["services"].as_object().expect("services").iter()
}

/// What reads settings, by the name of its service.
fn processes(compose: &Value) -> BTreeMap<String, Process> {
    let told = services(compose).filter(|(_, service)| arguments(service).any(|word| word == "--config"));
    told.map(|(name, service)| {
        (name.clone(), process(compose, service).unwrap_or_else(|error| panic!("{name}: {error}")))
    })
    .collect()
}

fn process(compose: &Value, service: &Value) -> Result<Process, mintage::config::ConfigError> {
    let mounts = Mounts::empty();
    for (source, target) in items(&service["volumes"]).map(mount) {
        match source.strip_prefix("./deploy/compose/state/pki/") {
            Some(_) => {
                for file in ISSUED {
                    mounts.write(&format!("{target}/{file}"), b"");
                }
            }
            None => mounts.write(target, &fs::read(root().join(source)).expect("a file that is mounted")),
        }
    }
    for secret in items(&service["secrets"]) {
        let source = text(&secret["source"]);
        assert!(compose["secrets"][source]["file"].is_string(), "no secret {source}");
        let content = if source.ends_with("-url") { "postgres://a:b@postgresql/c" } else { KEY };
        mounts.write(&format!("/run/secrets/{}", text(&secret["target"])), content.as_bytes());
    }
    let arguments: Vec<_> = arguments(service).collect();
    let variables = labels(&service["environment"]);
    Process::read(&mounts, &arguments, variables.iter().map(|(name, value)| (&**name, &**value)))
}

/// What follows the program's name: an entry point of the service's own, and then its command.
pub(super) fn arguments(service: &Value) -> impl Iterator<Item = &str> {
    items(&service["entrypoint"]).skip(1).chain(items(&service["command"])).map(text)
}

/// Source and target of `source:target:ro`.
pub(super) fn mount(volume: &Value) -> (&str, &str) {
    let parts: Vec<_> = text(volume).split(':').collect();
    (parts[0], parts[1])
}

#[test]
fn every_process_takes_its_settings_and_finds_its_siblings() {
    let compose = compose();
    let processes = processes(&compose);
    assert_eq!(processes.len(), 9, "{:?}", processes.keys());
    for (name, process) in &processes {
        assert!(process.missing.is_empty(), "{name}: {:?}", process.missing);
        for (callee, address) in &process.siblings {
            let (host, port) = address.rsplit_once(':').expect("host:port");
            let listener = &processes[host];
            assert_eq!(
                (&listener.service, &*listener.listeners["listen.internal"].to_string()),
                (callee, port),
                "{name}"
            );
            let networks = |name: &str| items(&compose["services"][name]["networks"]).map(text).collect::<Vec<_>>();
            let shared = networks(host).into_iter().any(|network| networks(name).contains(&network));
            assert!(shared || process.command == "migrate", "{name} is in no network with {host}");
        }
    }
}

#[test]
fn what_is_published_is_listened_on_and_only_by_this_machine() {
    let compose = compose();
    let processes = processes(&compose);
    for (name, service) in services(&compose) {
        for port in items(&service["ports"]).map(text) {
            let inside = port.strip_prefix("127.0.0.1:").and_then(|ports| ports.split_once(':')).expect("loopback").1;
            let Some(process) = processes.get(name) else {
                assert_eq!((&**name, inside), ("traces", "16686"), "what is no process of ours shows traces");
                continue;
            };
            let listeners = &process.listeners;
            let public = listeners.iter().filter(|(key, _)| !["listen.internal", "listen.health"].contains(&&***key));
            assert!(
                public.into_iter().any(|(_, port)| port.to_string() == inside),
                "{name}: nobody listens on {inside}"
            );
        }
    }
}

#[test]
fn every_service_says_whether_it_is_well_and_waits_for_what_it_needs() {
    let compose = compose();
    for (name, process) in processes(&compose).iter().filter(|(_, process)| process.command == "serve") {
        let service = &compose["services"][name];
        assert_eq!(service["healthcheck"]["test"], json!(["CMD", "/usr/bin/mintage", "health"]), "{name}");
        assert_eq!(process.listeners["listen.health"], 9100, "{name} is asked at the address that is the default");
        let waited_for = service["depends_on"].as_object().expect("what it waits for");
        let own = waited_for.values().all(|wanted| wanted["condition"].is_string());
        assert!(own && !waited_for.is_empty(), "{name}");
    }
}

#[test]
fn a_key_that_is_unknown_is_noticed() {
    let mut compose = compose();
    compose["services"]["token"]["environment"] = json!({"MINTAGE_LISTEN__HTTP": "0.0.0.0:8080"});
    let refusal = process(&compose, &compose["services"]["token"]).expect_err("a refusal").to_string();
    assert!(refusal.starts_with("unknown setting listen.http (MINTAGE_LISTEN__HTTP)"), "{refusal}");
}

#[test]
fn to_set_up_again_loses_no_profile() {
    let manual = fs::read_to_string(root().join("docs/operations.md")).expect("the manual");
    let from = manual.find("profile=deploy/compose").expect("setting up is documented");
    let lines = manual[from..].split("```").next().unwrap_or_default();
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("deploy/compose/state/operator.env");
    fs::create_dir_all(profile.parent().expect("a folder")).expect("a folder");
    for (said, kept) in
        [("echo first", "first\n"), (":", "first\n"), ("false", "first\n"), ("echo another", "another\n")]
    {
        let script = format!("docker() {{ {said}; }}\n{lines}");
        let run = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).status();
        assert_eq!(run.expect("sh runs").success(), said.starts_with("echo"), "{said}");
        assert_eq!(fs::read_to_string(&profile).expect("a profile"), kept, "{said}");
        assert_eq!(fs::metadata(&profile).expect("a profile").permissions().mode() & 0o777, 0o600, "{said}");
    }
}

#[test]
fn every_container_may_do_as_little_as_it_can() {
    for (name, service) in services(&compose()) {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert!(service["privileged"].is_null() && service["user"].is_null(), "{name}");
        let added = items(&service["cap_add"]).count();
        assert!(added == 0 || name == "postgresql", "{name} has capabilities");
        let others = items(&service["volumes"]).map(mount).filter(|(source, _)| source.contains("/pki/"));
        for (source, _) in others.filter(|_| name != "operator") {
            let owner = if name == "bootstrap" { "client-registry" } else { name.trim_start_matches("migrate-") };
            assert!(source.ends_with(&format!("/{owner}")), "{name} holds the certificate of {source}");
        }
    }
}

/// 32 bytes.
const KEY: &str = "dHJpYWwgcGVwcGVyLCBub3QgZm9yIHByb2R1Y3Rpb24=";
