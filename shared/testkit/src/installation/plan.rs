//! What an installation is to be.

use mintage_chassis::ServiceName;

use super::Program;

/// How the services speak with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// In plain text, each believed who it says it is.
    Plaintext,
    /// Over mutual TLS.
    MutualTls,
}

/// How to start an installation.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) program: Program,
    pub(super) speech: Speech,
    pub(super) replicas: usize,
    pub(super) keys_url: String,
    pub(super) registry_url: String,
    pub(super) variables: Vec<(ServiceName, String, String)>,
    pub(super) relayed: Vec<(ServiceName, ServiceName)>,
}

impl Plan {
    /// One process of each service, on SQLite files of their own.
    #[must_use]
    pub fn new(program: Program, speech: Speech) -> Self {
        let url = |service: &str| format!("sqlite://{service}.sqlite?mode=rwc");
        let (keys_url, registry_url) = (url("keys"), url("registry"));
        Self { program, speech, replicas: 1, keys_url, registry_url, variables: Vec::new(), relayed: Vec::new() }
    }

    /// On the databases of key management and of the registry at these URLs.
    #[must_use]
    pub fn on(self, keys_url: &str, registry_url: &str) -> Self {
        Self { keys_url: keys_url.to_owned(), registry_url: registry_url.to_owned(), ..self }
    }

    /// So many processes of each service.
    #[must_use]
    pub fn replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// Tells every replica of `service` a setting: `TOKEN__FEED__MAX_STALENESS`, `4 s`.
    #[must_use]
    pub fn setting(mut self, service: ServiceName, key: &str, value: &str) -> Self {
        self.variables.push((service, format!("MINTAGE_{key}"), value.to_owned()));
        self
    }

    /// The same for every service.
    #[must_use]
    pub fn setting_of_all(self, key: &str, value: &str) -> Self {
        super::certificates::SERVICES.into_iter().fold(self, |plan, service| plan.setting(service, key, value))
    }

    /// Puts a [`super::Relay`] between each replica of `caller` and each of `callee`.
    #[must_use]
    pub fn relayed(mut self, caller: ServiceName, callee: ServiceName) -> Self {
        self.relayed.push((caller, callee));
        self
    }
}
