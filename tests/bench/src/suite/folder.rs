//! What the processes of an installation read: settings, secrets.

use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::Context;

use super::Databases;

/// The folder of an installation, and the ports of one start of it.
pub(super) struct Folder<'s> {
    path: &'s Path,
    databases: &'s Databases,
    /// By service, and of each by replica.
    ports: [Vec<Ports>; SERVICES.len()],
}

/// One process to start.
pub(super) struct Replica {
    pub(super) service: &'static str,
    /// Its settings.
    pub(super) file: String,
}

/// Where a process listens.
#[derive(Clone, Copy)]
struct Ports {
    /// For siblings; the edge: for clients.
    internal: u16,
    public: u16,
}

impl<'s> Folder<'s> {
    /// Chooses ports that are free now, so that processes which call each other can be told before either runs.
    pub(super) fn new(path: &'s Path, replicas: usize, databases: &'s Databases) -> anyhow::Result<Self> {
        let mut held = Vec::new();
        let mut port = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            held.push(listener);
            anyhow::Ok(port)
        };
        let mut ports = [const { Vec::new() }; SERVICES.len()];
        for of_service in &mut ports {
            for _ in 0..replicas {
                of_service.push(Ports { internal: port()?, public: port()? });
            }
        }
        Ok(Self { path, databases, ports })
    }

    pub(super) fn write_secrets(&self) -> anyhow::Result<()> {
        for (name, byte) in [("master.key", 1), ("pepper", 2), ("page-token.key", 3), ("consent-pepper", 4)] {
            fs::write(self.path.join(name), [byte; 32])?;
        }
        Ok(())
    }

    /// The settings of every process, in the order in which they are started.
    pub(super) fn write_settings(&self) -> anyhow::Result<Vec<Replica>> {
        let mut replicas = Vec::new();
        for (service, ports) in SERVICES.into_iter().zip(&self.ports) {
            for (number, ports) in ports.iter().enumerate() {
                let file = format!("{service}-{number}.toml");
                fs::write(self.path.join(&file), self.settings(service, *ports)?)?;
                replicas.push(Replica { service, file });
            }
        }
        Ok(replicas)
    }

    /// The public door of the first replica of `service`.
    pub(super) fn public(&self, service: &str) -> u16 {
        self.of(service).next().map_or(0, |ports| ports.public)
    }

    /// Where clients ask.
    pub(super) fn edges(&self) -> Vec<String> {
        self.of("edge").map(|ports| format!("127.0.0.1:{}", ports.internal)).collect()
    }

    /// Where the first replica of `service` listens for siblings, in an installation that was started in `path`.
    pub(super) fn internal_of(path: &Path, service: &str) -> anyhow::Result<String> {
        let text = fs::read_to_string(path.join(format!("{service}-0.toml")))?;
        let address = text.lines().find_map(|line| line.strip_prefix("internal = '")?.strip_suffix('\''));
        Ok(address.with_context(|| format!("{service} listens nowhere"))?.to_owned())
    }

    fn settings(&self, service: &'static str, ports: Ports) -> anyhow::Result<String> {
        let Ports { internal, public } = ports;
        let listen = match service {
            "edge" => format!("http = '127.0.0.1:{internal}'"),
            _ => format!("internal = '127.0.0.1:{internal}'\npublic = '127.0.0.1:{public}'"),
        };
        let certificate = format!("pki/{service}/tls.crt");
        let private_key = format!("pki/{service}/tls.key");
        let mut text = format!(
            "[log]\nfilter = 'warn'\n[listen]\n{listen}\nhealth = '127.0.0.1:0'\n[tls]\nauthorities = 'pki/ca.pem'\n\
             certificate = '{certificate}'\nprivate_key = '{private_key}'\n\
             public_certificate = '{certificate}'\npublic_private_key = '{private_key}'\n[siblings]\n"
        );
        let (siblings, secrets) = needs(service);
        for sibling in siblings {
            let addresses: Vec<_> = self.of(sibling).map(|ports| format!("127.0.0.1:{}", ports.internal)).collect();
            writeln!(text, "{} = '{}'", sibling.replace('-', "_"), addresses.join(","))?;
        }
        if !secrets.is_empty() {
            writeln!(text, "[secrets]\n{secrets}")?;
        }
        if let Some(url) = self.databases.of(service) {
            writeln!(text, "[database]\nurl = '{url}'\nmigrate_on_start = true")?;
        }
        Ok(text)
    }

    fn of(&self, service: &str) -> impl Iterator<Item = Ports> {
        let known = SERVICES.into_iter().zip(&self.ports).find(|(name, _)| *name == service);
        known.into_iter().flat_map(|(_, ports)| ports.iter().copied())
    }
}

/// The services that `service` calls, and its secrets.
fn needs(service: &str) -> (&'static [&'static str], &'static str) {
    match service {
        "key-management" => (&["client-registry"], "master_key_file = 'master.key'"),
        "client-registry" => (&["key-management"], "pepper_file = 'pepper'\npage_token_key_file = 'page-token.key'"),
        "consent" => (
            &["key-management", "client-registry"],
            "pepper_file = 'consent-pepper'\npage_token_key_file = 'page-token.key'",
        ),
        "token" => (&["key-management", "client-registry", "consent"], "pepper_file = 'pepper'"),
        _ => (&["key-management", "client-registry", "consent", "token"], ""),
    }
}

/// In the order in which they are started.
pub(super) const SERVICES: [&str; 5] = ["key-management", "client-registry", "consent", "token", "edge"];
