//! What a cluster would start.

use std::collections::BTreeMap;

use serde_json::Value;

use super::manifests::{Manifests, items, text};

pub(super) type Labels = BTreeMap<String, String>;

/// A pod, or what pods are made after.
#[derive(Debug)]
pub(super) struct Pod<'m> {
    /// Of the pod, or of what makes it.
    pub(super) name: &'m str,
    pub(super) labels: Labels,
    pub(super) spec: &'m Value,
}

impl<'m> Pod<'m> {
    /// All of them.
    pub(super) fn all(manifests: &'m Manifests) -> Vec<Self> {
        let templates = ["Deployment", "StatefulSet", "Job"];
        let made = templates.iter().flat_map(|kind| manifests.all(kind));
        let made = made.map(|maker| Self::new(text(&maker["metadata"]["name"]), &maker["spec"]["template"]));
        let bare = manifests.all("Pod").map(|pod| Self::new(text(&pod["metadata"]["name"]), pod));
        made.chain(bare).collect()
    }

    fn new(name: &'m str, pod: &'m Value) -> Self {
        Self { name, labels: labels(&pod["metadata"]["labels"]), spec: &pod["spec"] }
    }

    /// Its containers, those that run first too.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'m Value> + use<'m> {
        items(&self.spec["initContainers"]).chain(items(&self.spec["containers"]))
    }

    /// Whose certificate it carries.
    pub(super) fn identity(&self) -> Option<&str> {
        self.labels.get("mintage.internal/identity").map(String::as_str)
    }
}

/// A map of texts; empty where there is none.
pub(super) fn labels(value: &Value) -> Labels {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), text(value).to_owned())).collect()
}
