//! Managing keys as the installation itself, when no operator's token can be had: what signs it may be what is wrong.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use mintage_api::types::ErrorReason;
use mintage_chassis::identity::{Identity, IdentityFiles, TrustDomain};
use mintage_chassis::status::reason_of;
use mintage_chassis::{ChannelSettings, ServiceName, Tasks, Transport};
use mintage_clock::Randomness;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::Status;

use crate::failure::WrongDoor;
use crate::session::Session;

/// Who a command acts as, if not as the operator of the profile.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without an operator's token")]
pub(crate) struct ByIdentity {
    /// Acts as the installation, by the tls.crt, tls.key and ca.crt in this folder: `mintage pki issue mintage`
    #[arg(long, global = true, value_name = "DIR", requires = "internal")]
    identity: Option<PathBuf>,
    /// The internal door of key management, its `listen.internal`
    #[arg(long, global = true, value_name = "HOST:PORT", requires = "identity")]
    internal: Option<String>,
    /// What the certificates of the installation have in common
    #[arg(long, global = true, value_name = "NAME", default_value = "mintage.internal")]
    trust_domain: TrustDomain,
}

/// A door that was knocked at by the identity of the installation.
pub(crate) struct Door(String);

impl ByIdentity {
    /// Lets `session` act by the identity, if one was named; at which door.
    ///
    /// # Errors
    /// Its files cannot be used, or are another service's.
    pub(crate) fn enter(self, session: &Session) -> anyhow::Result<Option<Door>> {
        let Self { identity: Some(folder), internal: Some(address), trust_domain } = self else { return Ok(None) };
        let [certificate, private_key, authorities] = ["tls.crt", "tls.key", "ca.crt"].map(|name| folder.join(name));
        let files = IdentityFiles { certificate, private_key, authorities };
        let identity = Identity::load(files, trust_domain, ServiceName::MINTAGE, NEVER, &Tasks::new())?;
        let settings = ChannelSettings::default();
        let way = Transport::connect(&address, ServiceName::KEY_MANAGEMENT, &identity, settings, Randomness::system())
            .with_context(|| format!("--internal is {address:?}"))?;
        session.act_through(way.with_deadline(PATIENCE));
        Ok(Some(Door(address)))
    }
}

impl Door {
    /// Why a command failed; in other words where it was the wrong door.
    pub(crate) async fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let Some(status) = error.downcast_ref::<Status>() else { return error };
        match reason_of(status).map(|refused| refused.reason) {
            // The internal door asks nobody for one who shows the certificate of the installation.
            Some(ErrorReason::Unauthenticated) => WrongDoor::asks_for_a_token(&self.0).into(),
            Some(ErrorReason::TemporarilyUnavailable) if status.message().contains(UNREACHED) => {
                if self.is_open().await { WrongDoor::is_another(&self.0) } else { WrongDoor::is_shut(&self.0) }.into()
            }
            _ => error,
        }
    }

    /// Whether anything listens there.
    async fn is_open(&self) -> bool {
        let first = self.0.split(',').next().unwrap_or_default().trim();
        matches!(timeout(KNOCK, TcpStream::connect(first)).await, Ok(Ok(_)))
    }
}

/// A command is over long before its certificate is.
const NEVER: Duration = Duration::from_hours(24);
const PATIENCE: Duration = Duration::from_secs(30);
const KNOCK: Duration = Duration::from_secs(2);
/// What is said when no connection came about.
const UNREACHED: &str = "cannot be reached";
