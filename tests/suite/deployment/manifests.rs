//! The objects of a kustomization, as a cluster would be given them.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Mutex, Once, PoisonError};

use serde_json::Value;

use crate::workspace::root;

/// Every kustomization that is applied to a cluster.
pub(super) const OVERLAYS: [&str; 2] = ["overlays/local", "overlays/production"];

/// All objects of one installation.
#[derive(Clone, Debug)]
pub(super) struct Manifests(pub(super) Vec<Value>);

impl Manifests {
    /// The objects of the overlay at `k8s/<overlay>` with those that set it up; `None` where nothing can build them.
    pub(super) fn of(overlay: &str) -> Option<Self> {
        static BUILT: Mutex<BTreeMap<String, Manifests>> = Mutex::new(BTreeMap::new());
        let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = built.get(overlay) {
            return Some(known.clone());
        }
        let mut objects = build(overlay)?;
        objects.extend(build(&format!("{overlay}/bootstrap"))?);
        Some(built.entry(overlay.to_owned()).or_insert(Self(objects)).clone())
    }

    /// All of one kind.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |object| object["kind"] == kind)
    }

    /// The one of that name.
    pub(super) fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.all(kind).find(|object| object["metadata"]["name"] == name)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, kind: &str, name: &str) -> &mut Value {
        let found = self.0.iter_mut().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
        found.expect("an object of that name")
    }
}

/// The documents of a YAML text.
pub(super) fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).expect("YAML")
}

/// The text at `value`, which must be one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The items of `value`; none where there is no list.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn build(folder: &str) -> Option<Vec<Value>> {
    static HINT: Once = Once::new();
    let output = Command::new("kubectl").arg("kustomize").arg(root().join("k8s").join(folder)).output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "kubectl kustomize: {}", String::from_utf8_lossy(&output.stderr));
            Some(documents(&String::from_utf8(output.stdout).expect("UTF-8")))
        }
        Err(error) if is_ci() => panic!("kubectl does not run ({error}), and CI checks every manifest"),
        Err(_) => {
            HINT.call_once(|| eprintln!("NOT RUN on the manifests: kubectl is not there"));
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
