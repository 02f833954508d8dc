//! All services of an installation, each in as many processes as its plan says.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use mintage_chassis::ServiceName;
use tempfile::TempDir;

use super::certificates::SERVICES;
use super::ports::Port;
use super::settings::{self, Place, calls, doors};
use super::{Certificates, Outcome, Plan, Post, Process, Relay, Speech};

/// An installation that runs; it ends with this value.
#[derive(Debug)]
pub struct Installation {
    replicas: Vec<Replica>,
    relays: Vec<Way>,
    certificates: Certificates,
    plan: Plan,
    folder: TempDir,
}

#[derive(Debug)]
struct Replica {
    service: ServiceName,
    index: usize,
    ports: Vec<(&'static str, Port)>,
    process: Option<Process>,
}

/// A relay from one process to another.
#[derive(Debug)]
struct Way {
    from: (ServiceName, usize),
    to: (ServiceName, usize),
    relay: Relay,
}

impl Installation {
    /// Starts every process, waits until all are ready, and sets up an operator in `operator.env`.
    ///
    /// # Panics
    /// When a process does not start.
    #[must_use]
    pub fn start(plan: Plan) -> Self {
        let mut installation = Self::lay_out(plan);
        installation.start_all();
        let outcome = installation.bootstrap(&["--write", "operator.env"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        installation
    }

    /// Writes the settings of every process and starts none.
    ///
    /// # Panics
    /// When a file cannot be written.
    #[must_use]
    pub fn lay_out(plan: Plan) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        settings::write_secrets(folder.path());
        let certificates = Certificates::in_folder(folder.path());
        let each =
            SERVICES.into_iter().flat_map(|service| (0..plan.processes_of(service)).map(move |index| (service, index)));
        let replicas = each.map(|(service, index)| Replica {
            service,
            index,
            ports: doors(service).iter().map(|door| (*door, Port::take())).collect(),
            process: None,
        });
        let replicas = replicas.collect();
        let mut installation = Self { replicas, relays: Vec::new(), certificates, plan, folder };
        installation.connect();
        installation
    }

    /// Starts every process that does not run, all at once, and waits until all are ready.
    ///
    /// # Panics
    /// When one does not become ready.
    pub fn start_all(&mut self) {
        let commands: Vec<_> = self.replicas.iter().map(|each| self.command(each.service, each.index)).collect();
        let folder = self.folder.path();
        for (replica, command) in self.replicas.iter_mut().zip(commands) {
            let log = folder.join(format!("{}.log", replica.name()));
            replica.process.get_or_insert_with(|| Process::spawn(command, &log));
        }
        self.replicas.iter_mut().filter_map(|replica| replica.process.as_mut()).for_each(Process::wait_until_ready);
    }

    /// The command that a process of a service is: `mintage serve`.
    #[must_use]
    pub fn command(&self, service: ServiceName, index: usize) -> Command {
        let mut command = self.plan.program.command(self.folder.path());
        command.args(["serve", service.as_str(), "--config", &format!("{service}-{index}.toml")]);
        command.envs(self.plan.variables_of(service, index));
        command
    }

    /// The folder where the files of all are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Who the services are.
    #[must_use]
    pub const fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// Every process of the plan: the service and the number of the replica.
    pub fn processes(&self) -> impl Iterator<Item = (ServiceName, usize)> {
        self.replicas.iter().map(|replica| (replica.service, replica.index))
    }

    /// A process that runs.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn process(&self, service: ServiceName, index: usize) -> &Process {
        self.replica(service, index).process.as_ref().unwrap_or_else(|| panic!("{service} {index} does not run"))
    }

    /// Takes a process out, to be ended and waited for.
    ///
    /// # Panics
    /// When it does not run.
    pub fn take(&mut self, service: ServiceName, index: usize) -> Process {
        self.replica_mut(service, index).process.take().unwrap_or_else(|| panic!("{service} {index} does not run"))
    }

    /// Starts a process that does not run, where it ran before, and returns when it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start_one(&mut self, service: ServiceName, index: usize) {
        self.spawn_one(service, index);
        let replica = self.replica_mut(service, index);
        replica.process.as_mut().into_iter().for_each(Process::wait_until_ready);
    }

    /// Starts a process that does not run, and does not wait.
    ///
    /// # Panics
    /// When it runs.
    pub fn spawn_one(&mut self, service: ServiceName, index: usize) {
        let command = self.command(service, index);
        let log = self.folder.path().join(format!("{service}-{index}.log"));
        let before = self.replica_mut(service, index).process.replace(Process::spawn(command, &log));
        assert!(before.is_none(), "{service} {index} runs");
    }

    /// Where a door of a process is, whether or not it runs.
    ///
    /// # Panics
    /// When the service has no such door.
    #[must_use]
    pub fn address(&self, service: ServiceName, index: usize, door: &str) -> SocketAddr {
        self.replica(service, index).address(door)
    }

    /// The relays between one process and every one that it calls of `callee`, which the plan put there.
    ///
    /// # Panics
    /// When the plan put none there.
    #[must_use]
    pub fn relays(&self, caller: ServiceName, index: usize, callee: ServiceName) -> Vec<&Relay> {
        let ways = self.relays.iter().filter(|way| way.from == (caller, index) && way.to.0 == callee);
        let relays: Vec<_> = ways.map(|way| &way.relay).collect();
        assert!(!relays.is_empty(), "the plan has no relay between {caller} and {callee}");
        relays
    }

    /// Runs `mintage bootstrap` for the origin that the first edge serves.
    #[must_use]
    pub fn bootstrap(&self, more: &[&str]) -> Outcome {
        let mut command = self.bootstrapping();
        Outcome::of(command.args(more))
    }

    /// `mintage bootstrap`, to be run.
    #[must_use]
    pub fn bootstrapping(&self) -> Command {
        let mut command = self.plan.program.command(self.folder.path());
        command.args(["bootstrap", "--config", "client-registry-0.toml", "--origin", &self.origin()]);
        command.stdin(Stdio::null());
        command
    }

    /// The origin that the tenant `default` is served on: the first edge's address.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address(ServiceName::EDGE, 0, "http"))
    }

    /// Runs an operator's command against the public doors of the first replicas.
    #[must_use]
    pub fn operate(&self, arguments: &[&str]) -> Outcome {
        let scheme = if self.plan.speech == Speech::MutualTls { "https" } else { "http" };
        let at = |service| format!("{scheme}://localhost:{}", self.address(service, 0, "public").port());
        let mut command = self.plan.program.command(self.folder.path());
        command
            .env("MINTAGE_PROFILE", "operator.env")
            .env("MINTAGE_CA", "ca.pem")
            .env("MINTAGE_GRPC", at(ServiceName::TOKEN))
            .env("MINTAGE_REGISTRY_GRPC", at(ServiceName::CLIENT_REGISTRY))
            .env("MINTAGE_KEYS_GRPC", at(ServiceName::KEY_MANAGEMENT))
            .env("MINTAGE_CONSENT_GRPC", at(ServiceName::CONSENT))
            .args(arguments)
            .stdin(Stdio::null());
        Outcome::of(&mut command)
    }

    /// A value of the operator's profile.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn operator(&self, key: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join("operator.env")).expect("the operator is set up");
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        value.unwrap_or_else(|| panic!("the profile has no {key}")).to_owned()
    }

    /// What the operator asks for a token with.
    #[must_use]
    pub fn form(&self) -> String {
        let (id, secret) = (self.operator("OPERATOR_CLIENT_ID"), self.operator("OPERATOR_CLIENT_SECRET"));
        let of = format!("client_id={id}&client_secret={secret}");
        format!("grant_type=client_credentials&{of}&audience=urn:mintage:management")
    }

    /// Asks the first edge for the operator's token: the body of its answer, or of its refusal.
    ///
    /// # Errors
    /// The body of the refusal.
    pub fn ask_for_token(&self) -> Result<String, String> {
        let edge = self.address(ServiceName::EDGE, 0, "http");
        let (status, body) = Post::begin(edge, "/oauth/token", &self.form()).finish();
        if status == "HTTP/1.1 200 OK" { Ok(body) } else { Err(body) }
    }

    /// Writes every process's settings, with relays where the plan has them.
    fn connect(&mut self) {
        for at in 0..self.replicas.len() {
            let Some(caller) = self.replicas.get(at) else { continue };
            let (service, index) = (caller.service, caller.index);
            let doors = caller.ports.iter().map(|(door, port)| (*door, port.address)).collect();
            let siblings: Vec<_> =
                calls(service).iter().map(|callee| (*callee, self.ways(service, index, *callee))).collect();
            let place = Place { service, doors, siblings: &siblings };
            settings::write(self.folder.path(), &format!("{service}-{index}.toml"), &place, &self.plan);
        }
    }

    /// The addresses at which a process finds every replica of `callee`.
    fn ways(&mut self, caller: ServiceName, index: usize, callee: ServiceName) -> Vec<SocketAddr> {
        let relayed = self.plan.relayed.contains(&(caller, callee));
        let callees = self.replicas.iter().filter(|replica| replica.service == callee);
        let direct: Vec<_> = callees.map(|replica| (replica.index, replica.address("internal"))).collect();
        let mut way = |(to, address): (usize, SocketAddr)| {
            if !relayed {
                return address;
            }
            let relay = Relay::to(address);
            let address = relay.address();
            self.relays.push(Way { from: (caller, index), to: (callee, to), relay });
            address
        };
        direct.into_iter().map(&mut way).collect()
    }

    fn replica(&self, service: ServiceName, index: usize) -> &Replica {
        let found = self.replicas.iter().find(|replica| replica.is(service, index));
        found.unwrap_or_else(|| panic!("there is no {service} {index}"))
    }

    fn replica_mut(&mut self, service: ServiceName, index: usize) -> &mut Replica {
        let found = self.replicas.iter_mut().find(|replica| replica.is(service, index));
        found.unwrap_or_else(|| panic!("there is no {service} {index}"))
    }
}

impl Replica {
    fn name(&self) -> String {
        format!("{}-{}", self.service, self.index)
    }

    fn is(&self, service: ServiceName, index: usize) -> bool {
        self.service == service && self.index == index
    }

    fn address(&self, door: &str) -> SocketAddr {
        let port = self.ports.iter().find(|(name, _)| *name == door);
        port.unwrap_or_else(|| panic!("{} has no door {door}", self.name())).1.address
    }
}
