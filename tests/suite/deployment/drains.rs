//! Nodes come and go: every pod finds another place, and nothing is asked for that there is no room for.

use std::fs;

use serde_json::Value;

use super::manifests::{Manifests, OVERLAYS, items};
use super::pods::{Pod, labels};
use super::process::Process;
use crate::workspace::root;

#[test]
fn a_node_that_is_drained_is_none_to_be_spread_over() {
    for overlay in OVERLAYS {
        let Some(manifests) = Manifests::of(overlay) else { return };
        for deployment in manifests.all("Deployment") {
            let spread = &deployment["spec"]["template"]["spec"]["topologySpreadConstraints"];
            let honored = items(spread).map(|constraint| &constraint["nodeTaintsPolicy"]).collect::<Vec<_>>();
            assert_eq!(honored, ["Honor", "Honor"], "{overlay}: {}", deployment["metadata"]["name"]);
        }
    }
}

#[test]
fn a_drain_takes_one_pod_of_a_service_at_a_time_and_is_not_held_up_by_one_that_is_not_ready() {
    for overlay in OVERLAYS {
        let Some(manifests) = Manifests::of(overlay) else { return };
        let services = Pod::all(&manifests).into_iter().filter(|pod| manifests.get("Deployment", pod.name).is_some());
        for pod in services {
            let selects = |budget: &&Value| {
                let wanted = labels(&budget["spec"]["selector"]["matchLabels"]);
                wanted.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
            };
            let budgets: Vec<_> = manifests.all("PodDisruptionBudget").filter(selects).collect();
            assert_eq!(budgets.len(), 1, "{overlay}: {}", pod.name);
            assert_eq!(budgets[0]["spec"]["maxUnavailable"], 1, "{overlay}: {}", pod.name);
            assert_eq!(budgets[0]["spec"]["unhealthyPodEvictionPolicy"], "AlwaysAllow", "{overlay}: {}", pod.name);
        }
    }
}

#[test]
fn postgresql_has_room_for_as_many_replicas_as_there_may_be() {
    let manual = fs::read_to_string(root().join("docs/operations.md")).expect("the manual");
    let Some(manifests) = Manifests::of("overlays/production") else { return };
    let most: u64 = Pod::all(&manifests).iter().map(|pod| most(&manifests, pod)).sum();
    assert!(manual.contains(&format!("at most {most} connections")), "docs/operations.md does not say {most}");
    // PostgreSQL takes 100 unless told otherwise, and keeps 3 for its superuser. The rest is for what sets up and migrates.
    assert!(most + 10 + 2 <= 97, "{most} connections");
}

/// How many connections the replicas of a Deployment open, when there are as many as there may be and one is rolled.
fn most(manifests: &Manifests, pod: &Pod<'_>) -> u64 {
    let Some(deployment) = manifests.get("Deployment", pod.name) else { return 0 };
    let scaled = manifests.get("HorizontalPodAutoscaler", pod.name).map(|scaler| &scaler["spec"]["maxReplicas"]);
    let replicas = scaled.unwrap_or(&deployment["spec"]["replicas"]).as_u64().expect("a number of replicas");
    let surge = deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"].as_u64().expect("a number of pods");
    let each = Process::all(manifests, pod).iter().filter_map(|process| process.connections).sum::<u64>();
    (replicas + surge) * each
}
