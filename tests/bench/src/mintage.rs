//! `mintage dev`: every service in one process.

use std::path::PathBuf;

use tokio::process::Command;
use tokio::sync::OnceCell;
use tonic::transport::Channel;

use crate::clients::{Credentials, Operator};
use crate::endpoint::Endpoint;
use crate::env_file::EnvFile;
use crate::process::Server;
use crate::running::Running;

/// One process, on a data folder that lives as long as the run.
pub(crate) struct Mintage {
    pub(crate) program: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) clients: OnceCell<Vec<Credentials>>,
}

impl Mintage {
    /// Starts it on free ports, with `many` clients from the first start on.
    pub(crate) async fn start(&self, many: usize) -> anyhow::Result<Running> {
        let free = "127.0.0.1:0";
        let mut command = Command::new(&self.program);
        command.args(["dev", "--http", free, "--https", free, "--grpc", free, "--data-dir"]).arg(&self.data);
        let server = Server::start("dev".to_owned(), command).await?;
        let demo = EnvFile::read(&self.data.join("demo.env"))?;
        self.clients.get_or_try_init(|| register(&demo, many)).await?;
        let issuer = demo.line("MINTAGE_ISSUER")?;
        let host = issuer.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let endpoint =
            Endpoint { addresses: vec![host.clone()], host, path: TOKEN_PATH.to_owned(), forms: Vec::new().into() };
        Ok(Running { servers: vec![server], endpoint })
    }
}

async fn register(demo: &EnvFile, many: usize) -> anyhow::Result<Vec<Credentials>> {
    let channel = Channel::from_shared(format!("http://{}", demo.line("MINTAGE_GRPC")?))?.connect().await?;
    let operator = Operator { token: channel.clone(), registry: channel, credentials: demo.operator()? };
    operator.register(many).await
}

/// Where clients ask for tokens.
pub(crate) const TOKEN_PATH: &str = "/oauth/token";
