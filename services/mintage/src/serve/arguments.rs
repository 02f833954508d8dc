//! The options of `mintage serve` and of the commands around it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use mintage_oauth::Origin;

/// What runs an installation, one process a service.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs one service until SIGTERM or Ctrl-C, then lets requests under way end
    #[command(after_help = SERVE_HELP)]
    Serve(Served<Service>),
    /// Looks at settings
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Brings the schema of a service's database up to date; replicas may do so together
    #[command(after_help = MIGRATE_HELP)]
    Migrate(Served<Owner>),
    /// Sets up a fresh installation: its first tenant and its operator
    #[command(after_help = BOOTSTRAP_HELP)]
    Bootstrap(BootstrapArgs),
    /// Asks a process of this machine whether requests should come to it: exit code 0 or 1, as container engines want it
    #[command(after_help = HEALTH_HELP)]
    Health(HealthArgs),
}

/// What is done with settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks settings and certificates, opens nothing, and prints what would be in force, without secrets
    #[command(after_help = CHECK_HELP)]
    Check(Served<Service>),
}

/// A service with its settings.
#[derive(Debug, Args)]
pub(crate) struct Served<S: ValueEnum + Send + Sync + 'static> {
    /// Which service
    #[arg(value_enum)]
    pub(crate) service: S,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// Where settings are.
#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// The settings, in TOML; MINTAGE_<SECTION>__<KEY> in the environment is stronger, and enough
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Options of `mintage bootstrap`.
#[derive(Debug, Args)]
pub(crate) struct BootstrapArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Where tenant `default` is served, the one its tokens name first; repeat for more
    #[arg(long, value_name = "URL", required = true)]
    pub(crate) origin: Vec<Origin>,
    /// The new file for the operator's profile, readable by its owner alone; standard output unless told
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Give an operator that is there already another secret, beside those it has
    #[arg(long)]
    pub(crate) new_secret: bool,
}

/// Options of `mintage health`.
#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Its door for probes, `listen.health` of its settings
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9100")]
    pub(crate) address: SocketAddr,
    /// Asks only whether it is alive, which it is as well while it starts, drains or lacks something
    #[arg(long)]
    pub(crate) alive: bool,
}

/// A service that runs alone.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Service {
    /// Tenants, clients, APIs, grants
    ClientRegistry,
    /// Signing keys
    KeyManagement,
    /// Users and what they consent to
    Consent,
    /// Grants into tokens
    Token,
    /// OAuth over HTTP
    Edge,
}

/// A service with a database.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Owner {
    /// Tenants, clients, APIs, grants
    ClientRegistry,
    /// Signing keys
    KeyManagement,
    /// Users and what they consent to
    Consent,
}

const SERVE_HELP: &str = "\
Every setting stands in docs/reference/config.md.

Examples:
  $ mintage serve token --config token.toml
  $ MINTAGE_LOG__FILTER=debug mintage serve edge --config edge.toml";

const CHECK_HELP: &str = "\
Examples:
  $ mintage config check token --config token.toml";

const MIGRATE_HELP: &str = "\
Examples:
  $ mintage migrate client-registry --config client-registry.toml
  $ mintage migrate key-management --config key-management.toml
  $ mintage migrate consent --config consent.toml";

const HEALTH_HELP: &str = "\
Examples:
  $ mintage health
  $ mintage health --address 127.0.0.1:9101 --alive";

const BOOTSTRAP_HELP: &str = "\
Works on the client registry's database and calls key-management; the registry itself need not run.
What is there already stays as it is, so that it can be run again.

Examples:
  $ mintage bootstrap --config client-registry.toml --origin https://login.example.com \\
      --write operator.env";
