//! The databases of an installation.

use anyhow::{Context, ensure};
use tokio::process::Command;

/// The URLs of three databases.
pub(crate) struct Databases {
    keys: String,
    registry: String,
    consent: String,
}

impl Databases {
    /// Three files, or three databases of the PostgreSQL server that MINTAGE_TEST_POSTGRES names; those last as long as the
    /// server, which `pg_virtualenv` makes for a run.
    pub(crate) async fn new(replicas: usize) -> anyhow::Result<Self> {
        if replicas == 1 {
            let file = |name| format!("sqlite://{name}.sqlite?mode=rwc");
            return Ok(Self { keys: file("keys"), registry: file("registry"), consent: file("consent") });
        }
        let server = server()?;
        let (before, _) = server.rsplit_once('/').context("a database URL has a path")?;
        let mut urls = Vec::new();
        for name in ["keys", "registry", "consent"] {
            let name = format!("bench_{}_{name}", std::process::id());
            let statement = format!("create database {name}");
            let made = Command::new("psql").args([&server, "-qc", &statement]).output().await.context("psql")?;
            ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            urls.push(format!("{before}/{name}"));
        }
        let [keys, registry, consent] = urls.try_into().ok().context("three databases")?;
        Ok(Self { keys, registry, consent })
    }

    /// The service's own, if it has one.
    pub(super) fn of(&self, service: &str) -> Option<&str> {
        match service {
            "key-management" => Some(&self.keys),
            "client-registry" => Some(&self.registry),
            "consent" => Some(&self.consent),
            _ => None,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "where the tests' server is, is said by the environment alone")]
fn server() -> anyhow::Result<String> {
    std::env::var("MINTAGE_TEST_POSTGRES").context("two replicas need the PostgreSQL server of MINTAGE_TEST_POSTGRES")
}
