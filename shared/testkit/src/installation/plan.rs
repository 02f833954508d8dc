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

/// Something that replicas of a service are told.
#[derive(Clone, Debug)]
struct Variable {
    of: ServiceName,
    /// `None`: every replica.
    replica: Option<usize>,
    name: String,
    value: String,
}

/// How to start an installation.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) program: Program,
    pub(super) speech: Speech,
    replicas: usize,
    more: Vec<(ServiceName, usize)>,
    pub(super) keys_url: String,
    pub(super) registry_url: String,
    pub(super) consent_url: String,
    variables: Vec<Variable>,
    pub(super) relayed: Vec<(ServiceName, ServiceName)>,
}

impl Plan {
    /// One process of each service, on SQLite files of their own.
    #[must_use]
    pub fn new(program: Program, speech: Speech) -> Self {
        let url = |service: &str| format!("sqlite://{service}.sqlite?mode=rwc");
        let [keys_url, registry_url, consent_url] = ["keys", "registry", "consent"].map(url);
        Self {
            program,
            speech,
            replicas: 1,
            more: Vec::new(),
            keys_url,
            registry_url,
            consent_url,
            variables: Vec::new(),
            relayed: Vec::new(),
        }
    }

    /// On the databases of key management and of the registry at these URLs.
    #[must_use]
    pub fn on(self, keys_url: &str, registry_url: &str) -> Self {
        Self { keys_url: keys_url.to_owned(), registry_url: registry_url.to_owned(), ..self }
    }

    /// With the database of consent at this URL: what several processes of it need.
    #[must_use]
    pub fn consent_on(self, url: &str) -> Self {
        Self { consent_url: url.to_owned(), ..self }
    }

    /// So many processes of each service but consent. Machines' tokens go past it, so that one will do unless
    /// [`Plan::replicas_of`] says more.
    #[must_use]
    pub fn replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// Of this service, another number of processes.
    #[must_use]
    pub fn replicas_of(mut self, service: ServiceName, replicas: usize) -> Self {
        self.more.push((service, replicas));
        self
    }

    pub(super) fn processes_of(&self, service: ServiceName) -> usize {
        let unless_told = if service == ServiceName::CONSENT { 1 } else { self.replicas };
        self.more.iter().find(|(of, _)| *of == service).map_or(unless_told, |(_, replicas)| *replicas)
    }

    /// Tells every replica of `service` a setting: `TOKEN__FEED__MAX_STALENESS`, `4 s`.
    #[must_use]
    pub fn setting(self, service: ServiceName, key: &str, value: &str) -> Self {
        self.told(service, None, key, value)
    }

    /// Tells one replica a setting.
    #[must_use]
    pub fn setting_of_one(self, service: ServiceName, replica: usize, key: &str, value: &str) -> Self {
        self.told(service, Some(replica), key, value)
    }

    fn told(mut self, of: ServiceName, replica: Option<usize>, key: &str, value: &str) -> Self {
        self.variables.push(Variable { of, replica, name: format!("MINTAGE_{key}"), value: value.to_owned() });
        self
    }

    /// Names and values of what this replica is told, the later the stronger.
    pub(super) fn variables_of(&self, service: ServiceName, replica: usize) -> impl Iterator<Item = (&str, &str)> {
        let is_told = move |told: &&Variable| told.of == service && told.replica.is_none_or(|only| only == replica);
        self.variables.iter().filter(is_told).map(|told| (&*told.name, &*told.value))
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
