//! Every container of every overlay takes its settings, and they agree with the objects around it.

use std::collections::BTreeSet;
use std::time::Duration;

use mintage_chassis::identity::SpiffeId;
use serde_json::Value;

use super::manifests::{Manifests, OVERLAYS, items, text};
use super::pods::{Pod, labels};
use super::process::Process;

/// Calls `look` with every `mintage` of every overlay, and says how many there were.
fn each(mut look: impl FnMut(&Manifests, &Pod<'_>, &Process)) -> usize {
    let mut seen = 0;
    for manifests in OVERLAYS.iter().filter_map(|overlay| Manifests::of(overlay)) {
        for pod in Pod::all(&manifests) {
            for process in Process::all(&manifests, &pod) {
                look(&manifests, &pod, &process);
                seen += 1;
            }
        }
    }
    seen
}

#[test]
fn every_process_takes_its_settings_and_finds_its_files() {
    let seen = each(|_, pod, process| {
        // A migration opens no door and calls nobody.
        if process.command != "migrate" {
            assert_eq!(process.missing, [""; 0].map(std::path::PathBuf::from), "{}", pod.name);
        }
    });
    // Five services, three migrations and a bootstrap.
    assert!(seen == 0 || seen == 9 * OVERLAYS.len(), "{seen} processes");
}

#[test]
fn a_key_that_is_unknown_or_a_file_that_is_not_mounted_is_noticed() {
    let Some(mut manifests) = Manifests::of(OVERLAYS[0]) else { return };
    let map = manifests.0.iter_mut().find(|object| {
        object["kind"] == "ConfigMap" && object["data"].as_object().is_some_and(|data| data.contains_key("token.toml"))
    });
    let toml = &mut map.expect("the token service's settings")["data"]["token.toml"];
    *toml = text(toml).replace("[siblings]", "[siblings]\nregistry = \"a:1\"").into();
    let refusal = token(&manifests).expect_err("a refusal").to_string();
    assert!(refusal.starts_with("unknown setting siblings.registry"), "{refusal}");

    let mut manifests = Manifests::of(OVERLAYS[0]).expect("it was built before");
    let spec = &mut manifests.get_mut("Deployment", "token")["spec"]["template"]["spec"];
    let mounts = spec["containers"][0]["volumeMounts"].as_array_mut().expect("mounts");
    mounts.retain(|mount| mount["name"] != "identity");
    assert_eq!(token(&manifests).expect("settings").missing.len(), 3);
}

fn token(manifests: &Manifests) -> Result<Process, mintage::config::ConfigError> {
    let pod = Pod::all(manifests).into_iter().find(|pod| pod.name == "token").expect("a pod");
    let container = pod.containers().next().expect("a container");
    Process::of(manifests, &pod, container)
}

#[test]
fn ports_and_probes_are_those_that_the_process_listens_on() {
    each(|_, pod, process| {
        let container = &pod.spec["containers"][0];
        if process.command != "serve" {
            return;
        }
        let declared: BTreeSet<_> = items(&container["ports"]).map(|port| port["containerPort"].as_u64()).collect();
        let listened: BTreeSet<_> = process.listeners.values().copied().map(Some).collect();
        assert_eq!(declared, listened, "{}", pod.name);
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let asked = ["grpc", "httpGet"].map(|how| &container[probe][how]["port"]);
            let asked: Vec<_> = asked.into_iter().filter_map(Value::as_u64).collect();
            assert_eq!(asked, [process.listeners["listen.health"]], "{}: {probe}", pod.name);
        }
    });
}

#[test]
fn a_pod_is_started_again_only_when_it_does_not_run() {
    each(|_, pod, process| {
        if process.command != "serve" {
            return;
        }
        let container = &pod.spec["containers"][0];
        for probe in ["startupProbe", "livenessProbe"] {
            assert_eq!(container[probe]["httpGet"]["path"], "/healthz", "{}: {probe}", pod.name);
        }
        let ready = &container["readinessProbe"];
        assert!(ready["grpc"].is_object() || ready["httpGet"]["path"] == "/readyz", "{}: {ready}", pod.name);
    });
}

#[test]
fn every_sibling_is_a_service_whose_pods_listen_there() {
    each(|manifests, pod, process| {
        for (callee, address) in &process.siblings {
            let (host, port) = address.rsplit_once(':').expect("host:port");
            let port: u64 = port.parse().expect("a port");
            let service = manifests.get("Service", host).unwrap_or_else(|| panic!("{}: no Service {host}", pod.name));
            assert_eq!(service["spec"]["clusterIP"], "None", "{host}: callers see one address");
            let offered = items(&service["spec"]["ports"]).find(|offer| offer["port"] == port);
            let target = text(&offered.unwrap_or_else(|| panic!("{host} has no port {port}"))["targetPort"]);
            let behind = behind(manifests, service);
            assert_eq!(behind.len(), 1, "{host}");
            let listener = &Process::all(manifests, &behind[0])[0];
            assert_eq!(listener.service, *callee);
            let named = items(&behind[0].spec["containers"][0]["ports"]).find(|port| port["name"] == target);
            assert_eq!(named.expect("a named port")["containerPort"], listener.listeners["listen.internal"]);
        }
    });
}

/// The pods that `service` leads to.
fn behind<'m>(manifests: &'m Manifests, service: &Value) -> Vec<Pod<'m>> {
    let wanted = labels(&service["spec"]["selector"]);
    let mut pods = Pod::all(manifests);
    pods.retain(|pod| wanted.iter().all(|(key, value)| pod.labels.get(key) == Some(value)));
    pods
}

#[test]
fn every_process_carries_the_certificate_of_the_service_it_is() {
    each(|manifests, pod, process| {
        let mounted = items(&pod.spec["volumes"]).filter_map(|volume| volume["secret"]["secretName"].as_str());
        let mut uris = mounted.flat_map(|secret| {
            let certificate =
                manifests.all("Certificate").find(|certificate| certificate["spec"]["secretName"] == secret);
            items(&certificate.map_or(&Value::Null, |certificate| &certificate["spec"])["uris"])
                .map(text)
                .collect::<Vec<_>>()
        });
        if process.command == "migrate" {
            assert_eq!(uris.next(), None, "{} has no business with anyone's certificate", pod.name);
            return;
        }
        let trust_domain = process.trust_domain.parse().expect("a trust domain");
        let id = SpiffeId::new(&trust_domain, process.service.parse().expect("a service"));
        assert_eq!(uris.collect::<Vec<_>>(), [id.to_string()], "{}", pod.name);
        assert_eq!(pod.identity(), Some(&*process.service), "{}", pod.name);
    });
}

#[test]
fn a_pod_has_the_time_its_process_takes_to_stop() {
    each(|_, pod, process| {
        if process.command == "serve" {
            let given = Duration::from_secs(pod.spec["terminationGracePeriodSeconds"].as_u64().expect("seconds"));
            assert!(given > process.drain, "{}: {given:?} for {:?}", pod.name, process.drain);
        }
    });
}

#[test]
fn a_pod_that_hashes_passwords_asks_for_the_memory_of_as_many_as_it_hashes_at_once() {
    let mut hashing = 0;
    let seen = each(|_, pod, process| {
        if process.hashing_kib == 0 || process.command != "serve" {
            return;
        }
        hashing += 1;
        let asked = text(&pod.spec["containers"][0]["resources"]["requests"]["memory"]);
        let asked: u64 = asked.strip_suffix("Mi").expect("MiB").parse().expect("a number");
        assert!(asked * 1024 >= process.hashing_kib + ITSELF_KIB, "{}: {asked} MiB", pod.name);
    });
    assert!(seen == 0 || hashing == OVERLAYS.len(), "{hashing} processes hash passwords");
}

/// What a service takes that hashes nothing: docs/operations.md, "Size".
const ITSELF_KIB: u64 = 64 * 1024;
