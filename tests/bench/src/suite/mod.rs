//! `mintage serve`: every service in a process of its own, or several, over mutual TLS on loopback.
//!
//! - `folder` writes their settings, secrets and certificates; `database` gives them databases.

mod database;
mod folder;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};

pub(crate) use self::database::Databases;
use self::folder::{Folder, Replica};
use crate::clients::{Credentials, Operator};
use crate::endpoint::Endpoint;
use crate::env_file::EnvFile;
use crate::mintage::TOKEN_PATH;
use crate::process::Server;
use crate::running::Running;

/// An installation, in a folder that lives as long as the run.
pub(crate) struct Suite {
    program: PathBuf,
    folder: TempDir,
    replicas: usize,
    databases: OnceCell<Databases>,
    pub(crate) clients: OnceCell<Vec<Credentials>>,
}

impl Suite {
    /// `replicas` of each service: one on SQLite, more on PostgreSQL.
    pub(crate) fn new(program: &Path, replicas: usize) -> anyhow::Result<Self> {
        let (databases, clients) = (OnceCell::new(), OnceCell::new());
        Ok(Self { program: program.canonicalize()?, folder: tempfile::tempdir()?, replicas, databases, clients })
    }

    /// Starts every process, with `many` clients from the first start on.
    pub(crate) async fn start(&self, many: usize) -> anyhow::Result<Running> {
        let fresh = !self.databases.initialized();
        let databases = self.databases.get_or_try_init(|| Databases::new(self.replicas)).await?;
        let folder = Folder::new(self.folder.path(), self.replicas, databases)?;
        if fresh {
            folder.write_secrets()?;
            self.make_certificates().await?;
        }
        let mut servers = Vec::new();
        for replica in folder.write_settings()? {
            servers.push(self.serve(&replica).await.with_context(|| replica.file.clone())?);
        }
        // Those that are asked first are stopped first.
        servers.reverse();
        if fresh {
            let origin = format!("http://{HOST}");
            let config = "client-registry-0.toml";
            self.run(&["bootstrap", "--config", config, "--origin", &origin, "--write", OPERATOR]).await?;
        }
        let endpoint = Endpoint {
            addresses: folder.edges(),
            host: HOST.to_owned(),
            path: TOKEN_PATH.to_owned(),
            forms: Vec::new().into(),
        };
        self.clients.get_or_try_init(|| self.register(&folder, many)).await?;
        Ok(Running { servers, endpoint })
    }

    async fn serve(&self, replica: &Replica) -> anyhow::Result<Server> {
        let mut command = self.command();
        command.args(["serve", replica.service, "--config", &replica.file]);
        command.env("TOKIO_WORKER_THREADS", self.workers().to_string());
        command.stderr(std::fs::File::options().create(true).append(true).open(self.folder.path().join(LOG))?);
        Server::start(replica.service.to_owned(), command).await
    }

    /// The part of the cores that each process has, as a pod has by its request: threads that take each other's work to
    /// cores which they do not have cost more than they bring. Consent has no part in a machine's token, and idles.
    fn workers(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let busy = folder::SERVICES.len() - 1;
        (cores / (busy * self.replicas)).max(1)
    }

    async fn make_certificates(&self) -> anyhow::Result<()> {
        self.run(&["pki", "init", "--dir", PKI]).await?;
        for service in folder::SERVICES {
            self.run(&["pki", "issue", service, "--dir", PKI, "--dns", "localhost"]).await?;
        }
        Ok(())
    }

    async fn register(&self, folder: &Folder<'_>, many: usize) -> anyhow::Result<Vec<Credentials>> {
        let operator = EnvFile::read(&self.folder.path().join(OPERATOR))?.operator()?;
        let [token, registry] = ["token", "client-registry"].map(|service| folder.public(service));
        let operator = Operator {
            token: self.connect(token).await?,
            registry: self.connect(registry).await?,
            credentials: operator,
        };
        operator.register(many).await
    }

    async fn connect(&self, port: u16) -> anyhow::Result<Channel> {
        let endpoint = Channel::from_shared(format!("https://127.0.0.1:{port}"))?.tls_config(self.tls()?)?;
        Ok(endpoint.connect().await?)
    }

    /// The way to key-management that the token service has.
    pub(crate) async fn as_token(&self) -> anyhow::Result<Channel> {
        let own = self.folder.path().join(PKI).join("token");
        let [certificate, key] = ["tls.crt", "tls.key"].map(|name| std::fs::read(own.join(name)));
        let address = Folder::internal_of(self.folder.path(), "key-management")?;
        let tls = self.tls()?.identity(Identity::from_pem(certificate?, key?));
        Ok(Channel::from_shared(format!("https://{address}"))?.tls_config(tls)?.connect().await?)
    }

    fn tls(&self) -> anyhow::Result<ClientTlsConfig> {
        let authority = std::fs::read(self.folder.path().join(PKI).join("ca.pem"))?;
        Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority)).domain_name("localhost"))
    }

    async fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = timeout(RUN_WITHIN, self.command().args(arguments).output()).await??;
        ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder.path());
        command
    }
}

const HOST: &str = "mint.test";
const PKI: &str = "pki";
const OPERATOR: &str = "operator.env";
const LOG: &str = "log";
const RUN_WITHIN: Duration = Duration::from_secs(60);
