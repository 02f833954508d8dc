//! The files that a container sees, laid out in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use super::manifests::{Manifests, OVERLAYS, items, text};
use super::pods::Pod;

type Files = BTreeMap<String, Vec<u8>>;

/// A folder that stands for a container's root.
#[derive(Debug)]
pub(super) struct Mounts(TempDir);

impl Mounts {
    /// A root with nothing in it.
    pub(super) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// What `container` of `pod` sees.
    pub(super) fn of(manifests: &Manifests, pod: &Pod<'_>, container: &Value) -> Self {
        let root = Self::empty();
        for mount in items(&container["volumeMounts"]) {
            let named = |volume: &&Value| volume["name"] == mount["name"];
            let volume = items(&pod.spec["volumes"]).find(named).unwrap_or_else(|| panic!("no volume for {mount}"));
            fs::create_dir_all(root.at(text(&mount["mountPath"]))).expect("a folder");
            for (name, content) in files(manifests, volume) {
                root.write(&format!("{}/{name}", text(&mount["mountPath"])), &content);
            }
        }
        root
    }

    /// Where the container's absolute `path` is.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    /// Puts a file there. Absolute paths that TOML settings name are made to lead into the folder.
    pub(super) fn write(&self, path: &str, content: &[u8]) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder");
        let content = match std::str::from_utf8(content) {
            Ok(toml) if path.extension().is_some_and(|extension| extension == "toml") => {
                toml.replace(" = \"/", &format!(" = \"{}/", self.0.path().display())).into_bytes()
            }
            _ => content.to_vec(),
        };
        fs::write(path, content).expect("a file");
    }

    /// What an environment variable's value means here.
    pub(super) fn value(&self, value: &str) -> String {
        if value.starts_with('/') { self.at(value).display().to_string() } else { value.to_owned() }
    }

    /// `path`, which leads into the folder, as the container knows it.
    pub(super) fn seen(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path.strip_prefix(self.0.path()).expect("a path of the container"))
    }
}

/// The files of a volume; what cert-manager would write is empty.
pub(super) fn files(manifests: &Manifests, volume: &Value) -> Files {
    let projected =
        items(&volume["projected"]["sources"]).flat_map(|source| secret(manifests, text(&source["secret"]["name"])));
    if !volume["configMap"].is_null() {
        let name = text(&volume["configMap"]["name"]);
        let map = manifests.get("ConfigMap", name).unwrap_or_else(|| panic!("no ConfigMap {name}"));
        let entries = map["data"].as_object().expect("data");
        entries.iter().map(|(name, content)| (name.clone(), text(content).as_bytes().to_vec())).collect()
    } else if !volume["secret"].is_null() {
        secret(manifests, text(&volume["secret"]["secretName"]))
    } else {
        projected.collect()
    }
}

/// What the Secret holds: what stands in it, or what cert-manager writes. Those that an installation makes by hand hold
/// what the trial's do.
fn secret(manifests: &Manifests, name: &str) -> Files {
    if manifests.all("Certificate").any(|certificate| certificate["spec"]["secretName"] == name) {
        return ISSUED.map(|file| (file.to_owned(), Vec::new())).into();
    }
    let trial = Manifests::of(OVERLAYS[0]).expect("it was built before");
    let secret = trial.get("Secret", name).unwrap_or_else(|| panic!("no Secret {name}"));
    let entries = secret["data"].as_object().expect("data");
    entries.iter().map(|(name, content)| (name.clone(), bytes(text(content)))).collect()
}

/// What base64 says, broken into lines or not.
fn bytes(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64.split_whitespace().collect::<String>()).expect("base64")
}

/// What cert-manager writes into a Secret.
pub(super) const ISSUED: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];
