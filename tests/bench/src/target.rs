//! What is measured: the suite in one process and in several, the floor, the peer.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use tokio::process::Command;

use crate::algorithm::Algorithm;
use crate::clients::Credentials;
use crate::endpoint::{Announced, Endpoint};
use crate::mintage::Mintage;
use crate::process::Server;
use crate::running::Running;
use crate::suite::Suite;

/// The kinds of it, as they are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// `mintage dev`: every service in one process.
    Dev,
    /// A form parsed, a token signed, nothing checked.
    Floor,
    /// npm oidc-provider with its in-memory adapter, one process.
    Peer,
    /// `mintage serve`: every service in a process of its own, over mutual TLS.
    Serve,
    /// Two processes of each service, on PostgreSQL.
    ServeTwice,
}

/// A server that mints tokens.
pub(crate) enum Target {
    Dev(Mintage),
    Floor(PathBuf),
    /// The folder of the peer.
    Peer(PathBuf),
    Serve(Suite, Kind),
}

impl Target {
    /// Starts it so that the endpoint answers with tokens of `algorithm`, to `many` clients where it has any.
    pub(crate) async fn start(&self, algorithm: Algorithm, many: usize) -> anyhow::Result<Running> {
        let mut running = match self {
            Self::Dev(mintage) => mintage.start(many).await?,
            Self::Serve(suite, _) => suite.start(many).await?,
            Self::Floor(program) => return announced("floor", Command::new(program), algorithm).await,
            Self::Peer(folder) => {
                let mut command = Command::new("node");
                command.arg("server.mjs").current_dir(folder).env("NODE_ENV", "production");
                return announced("peer", command, algorithm).await;
            }
        };
        running.endpoint.forms = self.clients().iter().map(|client| client.form(algorithm)).collect();
        Ok(running)
    }

    /// Those that it has made so far.
    fn clients(&self) -> &[Credentials] {
        let clients = match self {
            Self::Dev(mintage) => mintage.clients.get(),
            Self::Serve(suite, _) => suite.clients.get(),
            Self::Floor(_) | Self::Peer(_) => None,
        };
        clients.map_or(&[], Vec::as_slice)
    }

    /// Whether it keeps clients, so that it matters how many.
    pub(crate) fn keeps_clients(&self) -> bool {
        matches!(self, Self::Dev(_) | Self::Serve(..))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dev(_) => ONE_PROCESS,
            Self::Floor(_) => FLOOR,
            Self::Peer(_) => PEER,
            Self::Serve(_, Kind::ServeTwice) => "mintage serve, two of each",
            Self::Serve(..) => "mintage serve, one of each",
        })
    }
}

/// The floor and the peer say behind `ready`, as JSON, where they serve and what to ask.
async fn announced(name: &str, mut command: Command, algorithm: Algorithm) -> anyhow::Result<Running> {
    command.arg(algorithm.as_str());
    let server = Server::start(name.to_owned(), command).await?;
    let announced: Announced = serde_json::from_str(&server.ready)?;
    Ok(Running { endpoint: Endpoint::from(announced), servers: vec![server] })
}

/// What others are compared with.
pub(crate) const ONE_PROCESS: &str = "mintage dev";
pub(crate) const FLOOR: &str = "bare floor";
pub(crate) const PEER: &str = "oidc-provider";
