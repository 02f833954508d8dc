//! The Compose file starts the same services from the same settings as a cluster does, and gives them as few rights.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::manifests::{documents, items, text};
use super::mounts::Mounts;
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
    let told = services(compose).filter(|(_, service)| !service["command"].is_null());
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
                for file in ["tls.crt", "tls.key", "ca.crt"] {
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
    let arguments: Vec<_> = items(&service["command"]).map(text).collect();
    let variables = labels(&service["environment"]);
    Process::read(&mounts, &arguments, variables.iter().map(|(name, value)| (&**name, &**value)))
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
    assert_eq!(processes.len(), 7, "{:?}", processes.keys());
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
