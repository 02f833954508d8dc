//! Every pod is at the `restricted` level of Kubernetes' Pod Security Standards, and a little stricter.

use serde_json::{Value, json};

use super::manifests::{Manifests, OVERLAYS, items, text};
use super::pods::Pod;

#[test]
fn every_pod_may_do_as_little_as_it_can() {
    for overlay in OVERLAYS {
        let Some(manifests) = Manifests::of(overlay) else { return };
        let namespace = manifests.get("Namespace", "mintage").expect("a namespace");
        assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
        for pod in Pod::all(&manifests) {
            assert_eq!(faults(pod.spec), [""; 0], "{overlay}: {}", pod.name);
        }
    }
}

#[test]
fn a_pod_that_may_do_more_is_noticed() {
    let Some(manifests) = Manifests::of(OVERLAYS[0]) else { return };
    let pods = Pod::all(&manifests);
    for (path, value) in [
        ("/securityContext/runAsNonRoot", json!(false)),
        ("/securityContext/runAsUser", json!(0)),
        ("/securityContext/seccompProfile/type", json!("Unconfined")),
        ("/automountServiceAccountToken", json!(true)),
        ("/containers/0/securityContext/allowPrivilegeEscalation", json!(true)),
        ("/containers/0/securityContext/readOnlyRootFilesystem", json!(false)),
        ("/containers/0/securityContext/capabilities/drop", json!([])),
        ("/containers/0/resources/limits", json!({})),
        ("/volumes/0", json!({"name": "host", "hostPath": {"path": "/"}})),
    ] {
        let mut spec = pods[0].spec.clone();
        *spec.pointer_mut(path).unwrap_or_else(|| panic!("{path} is there")) = value;
        assert_eq!(faults(&spec).len(), 1, "{path}");
    }
}

/// What a pod may do that it should not.
fn faults(spec: &Value) -> Vec<String> {
    let of_pod = &spec["securityContext"];
    let mut rules = vec![
        (of_pod["runAsNonRoot"] == true, "may run as root".to_owned()),
        (of_pod["runAsUser"].as_u64().is_some_and(|user| user > 0), "names no user".to_owned()),
        (of_pod["seccompProfile"]["type"] == "RuntimeDefault", "may call everything of the kernel".to_owned()),
        (spec["automountServiceAccountToken"] == false, "holds a token of the cluster".to_owned()),
        (spec["enableServiceLinks"] == false, "gets foreign variables".to_owned()),
    ];
    for shared in ["hostNetwork", "hostPID", "hostIPC"] {
        rules.push((spec[shared].is_null(), format!("shares the node: {shared}")));
    }
    for volume in items(&spec["volumes"]) {
        let harmless = ["configMap", "secret", "projected", "emptyDir"].iter().any(|kind| !volume[kind].is_null());
        rules.push((harmless, format!("mounts {volume}")));
    }
    for container in items(&spec["initContainers"]).chain(items(&spec["containers"])) {
        let (own, name) = (&container["securityContext"], text(&container["name"]));
        rules.extend([
            (own["allowPrivilegeEscalation"] == false, format!("{name} may gain rights")),
            (own["readOnlyRootFilesystem"] == true, format!("{name} may change its image")),
            (own["capabilities"] == json!({"drop": ["ALL"]}), format!("{name} has capabilities")),
            (own["privileged"].is_null(), format!("{name} is privileged")),
            (container["resources"]["limits"]["memory"].is_string(), format!("{name} may take all memory")),
            (container["resources"]["requests"]["cpu"].is_string(), format!("{name} is promised no time")),
        ]);
    }
    rules.into_iter().filter(|(kept, _)| !kept).map(|(_, fault)| fault).collect()
}
