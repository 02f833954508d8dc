//! A `mintage` in a container, with its settings as it would read them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mintage::config::{
    self, ClientRegistryConfig, ConfigError, ConsentConfig, EdgeConfig, KeyManagementConfig, ServiceConfig, TokenConfig,
};
use serde_json::Value;

use super::manifests::{Manifests, items, text};
use super::mounts::Mounts;
use super::pods::Pod;

/// What a process was told.
#[derive(Debug)]
pub(super) struct Process {
    /// The first word of its command line.
    pub(super) command: String,
    /// The service whose settings it reads.
    pub(super) service: String,
    /// Its ports by the key of their address.
    pub(super) listeners: BTreeMap<String, u64>,
    /// Where each service that it calls is, as `host:port`.
    pub(super) siblings: BTreeMap<String, String>,
    /// How many connections to its database it opens at most; `None` if it has none.
    pub(super) connections: Option<u64>,
    /// How many KiB it takes to hash as many passwords as it hashes at the same time; 0 where it hashes none.
    pub(super) hashing_kib: u64,
    /// The installation that its certificate is of.
    pub(super) trust_domain: String,
    /// The files of its certificates, as the container knows them, that are not there.
    pub(super) missing: Vec<PathBuf>,
    /// How long it may take to stop.
    pub(super) drain: Duration,
}

impl Process {
    /// Every `mintage` of a pod.
    pub(super) fn all(manifests: &Manifests, pod: &Pod<'_>) -> Vec<Self> {
        let ours = pod.containers().filter(|container| text(&container["image"]).contains("mintage"));
        ours.map(|container| {
            Self::of(manifests, pod, container).unwrap_or_else(|error| panic!("{}: {error}", pod.name))
        })
        .collect()
    }

    /// The one in `container`.
    pub(super) fn of(manifests: &Manifests, pod: &Pod<'_>, container: &Value) -> Result<Self, ConfigError> {
        let arguments: Vec<_> = items(&container["args"]).map(text).collect();
        let variables = items(&container["env"]).map(|entry| (text(&entry["name"]), text(&entry["value"])));
        Self::read(&Mounts::of(manifests, pod, container), &arguments, variables)
    }

    /// What the command line `arguments` and `variables` tell a process that sees `mounts`.
    pub(super) fn read<'v>(
        mounts: &Mounts,
        arguments: &[&str],
        variables: impl Iterator<Item = (&'v str, &'v str)>,
    ) -> Result<Self, ConfigError> {
        let file = arguments.iter().position(|word| *word == "--config").map(|at| mounts.at(arguments[at + 1]));
        let variables: Vec<_> = variables.map(|(name, value)| (name.to_owned(), mounts.value(value))).collect();
        let told = Told { command: arguments[0].to_owned(), file, variables, mounts };
        match (arguments[0], arguments[1]) {
            ("bootstrap", _) | (_, "client-registry") => told.read::<ClientRegistryConfig>(),
            (_, "key-management") => told.read::<KeyManagementConfig>(),
            (_, "consent") => told.read::<ConsentConfig>(),
            (_, "token") => told.read::<TokenConfig>(),
            (_, "edge") => told.read::<EdgeConfig>(),
            other => panic!("no service reads settings for {other:?}"),
        }
    }
}

struct Told<'m> {
    command: String,
    file: Option<PathBuf>,
    variables: Vec<(String, String)>,
    mounts: &'m Mounts,
}

impl Told<'_> {
    fn read<C: ServiceConfig>(self) -> Result<Process, ConfigError> {
        let config: C = config::load(self.file.as_deref(), self.variables.into_iter())?;
        let all = serde_json::to_value(&config).expect("settings are plain data");
        let common = config.common();
        let tls = common.tls;
        let own = [&tls.certificate, &tls.private_key, &tls.authorities];
        let shown = [&tls.public_certificate, &tls.public_private_key];
        let files = own.into_iter().chain(shown).flatten().filter(|file| !file.is_file());
        let named = |key: &str| key.rsplit('.').next().unwrap_or_default().replace('_', "-");
        let siblings = common.siblings.iter();
        Ok(Process {
            command: self.command,
            service: C::SERVICE.to_string(),
            listeners: common
                .listeners
                .iter()
                .map(|(key, address)| ((*key).to_owned(), address.port().into()))
                .collect(),
            siblings: siblings.map(|(key, address)| (named(key), address.unwrap_or_default().to_owned())).collect(),
            connections: all["database"]["pool"]["max_connections"].as_u64(),
            hashing_kib: hashing_kib(&all["consent"]["passwords"]),
            trust_domain: tls.trust_domain.clone(),
            missing: files.map(|file| self.mounts.seen(file)).collect(),
            drain: common.door.lame_duck + common.door.drain_timeout,
        })
    }
}

fn hashing_kib(passwords: &Value) -> u64 {
    let number = |key: &str| passwords[key].as_u64().unwrap_or_default();
    number("memory_kib") * number("at_once")
}
