//! What is measured: the suite in one process, the floor, the peer.

use std::fmt;
use std::path::PathBuf;

use tokio::process::Command;

use crate::algorithm::Algorithm;
use crate::load::Endpoint;
use crate::mintage;
use crate::process::Server;

/// A server that mints tokens.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// `mintage dev`, every service in one process; the data folder lives as long as the run.
    Mintage { program: PathBuf, data: PathBuf },
    /// A form parsed, a token signed, nothing checked.
    Floor { program: PathBuf },
    /// npm oidc-provider with its in-memory adapter, one process.
    Peer { folder: PathBuf },
}

impl Target {
    /// Starts it so that the endpoint answers with tokens of `algorithm`.
    pub(crate) async fn start(&self, algorithm: Algorithm) -> anyhow::Result<(Server, Endpoint)> {
        match self {
            Self::Mintage { program, data } => mintage::start(program, data, algorithm).await,
            Self::Floor { program } => announced(Command::new(program), algorithm).await,
            Self::Peer { folder } => {
                let mut command = Command::new("node");
                command.arg("server.mjs").current_dir(folder).env("NODE_ENV", "production");
                announced(command, algorithm).await
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mintage { .. } => "mintage dev",
            Self::Floor { .. } => "bare floor",
            Self::Peer { .. } => "oidc-provider",
        })
    }
}

/// The floor and the peer say behind `ready`, as JSON, where they serve and what to ask.
async fn announced(mut command: Command, algorithm: Algorithm) -> anyhow::Result<(Server, Endpoint)> {
    command.arg(algorithm.as_str());
    let server = Server::start(command).await?;
    let endpoint = serde_json::from_str(&server.ready)?;
    Ok((server, endpoint))
}
