//! The ways of a process to its siblings.

use anyhow::{Context, Result};
use mintage_chassis::identity::Identity;
use mintage_chassis::status::Chain;
use mintage_chassis::{ChannelSettings, ServiceName, Tasks, Transport};
use mintage_clock::Randomness;

use super::plaintext;
use crate::config::{Common, ConfigError, ServiceConfig};

/// Who the process is, and so how it calls.
#[derive(Debug)]
pub(super) struct Links {
    own: ServiceName,
    identity: Option<Identity>,
    channel: ChannelSettings,
}

impl Links {
    /// Reads the certificate of the service; it is reloaded until `tasks` drain.
    pub(super) fn open<C: ServiceConfig>(config: &C, tasks: &Tasks) -> Result<Self, ConfigError> {
        let Common { tls, channel, .. } = config.common();
        let load = |(files, trust_domain)| Identity::load(files, trust_domain, C::SERVICE, tls.reload_interval, tasks);
        let identity = tls.identity()?.map(load).transpose();
        let identity =
            identity.map_err(|error| ConfigError::within("tls", format!("certificate: {}", chain(&error))))?;
        Ok(Self { own: C::SERVICE, identity, channel: *channel })
    }

    /// Who the process is; `None` in plain text.
    pub(super) const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The way to `callee` at `address`, which the setting `siblings.…` gives. Connects when it is first used.
    pub(super) fn to(&self, callee: ServiceName, address: Option<&str>) -> Result<Transport> {
        let address = address.with_context(|| format!("where {callee} is was not told"))?;
        match &self.identity {
            Some(identity) => {
                let connected = Transport::connect(address, callee, identity, self.channel, Randomness::system());
                connected.with_context(|| format!("{callee} cannot be called"))
            }
            None => plaintext::connect(address, self.own),
        }
    }
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    Chain(error).to_string()
}
