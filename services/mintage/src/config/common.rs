//! What the settings of all services have in common, and the checks of it.

use std::net::{IpAddr, SocketAddr};

use mintage_chassis::door::DoorLimits;
use mintage_chassis::telemetry::TelemetrySettings;
use mintage_chassis::{ChannelSettings, ServiceName};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ConfigError, LogSettings, TlsSettings};

/// The settings of one service.
pub trait ServiceConfig: Serialize + DeserializeOwned + Default {
    /// Whose they are.
    const SERVICE: ServiceName;

    /// What every service has.
    fn common(&self) -> Common<'_>;

    /// Checks what is this service's alone.
    ///
    /// # Errors
    /// The first setting that is missing or out of its bounds.
    fn check_own(&self) -> Result<(), ConfigError>;

    /// Checks everything that can be told from the settings themselves.
    ///
    /// # Errors
    /// The first setting that is missing, out of its bounds, or does not go with another.
    fn check(&self) -> Result<(), ConfigError> {
        self.common().check()?;
        self.check_own()
    }
}

/// What the settings of all services have in common.
#[derive(Clone, Debug)]
pub struct Common<'c> {
    /// The log.
    pub log: &'c LogSettings,
    /// Metrics and traces.
    pub telemetry: &'c TelemetrySettings,
    /// Certificates.
    pub tls: &'c TlsSettings,
    /// What one door takes on.
    pub door: &'c DoorLimits,
    /// How its calls are carried.
    pub channel: &'c ChannelSettings,
    /// Whether a door shows a certificate to the public.
    pub public: bool,
    /// Every address that is listened on, by its key.
    pub listeners: Vec<(&'static str, SocketAddr)>,
    /// Every sibling that is called, by its key.
    pub siblings: Vec<(&'static str, Option<&'c str>)>,
}

impl Common<'_> {
    fn check(&self) -> Result<(), ConfigError> {
        self.telemetry.check().map_err(|error| ConfigError::within("telemetry", error))?;
        self.door.check().map_err(|error| ConfigError::within("door", error))?;
        self.channel.check().map_err(|error| ConfigError::within("channel", error))?;
        for (key, authority) in &self.siblings {
            let authority = authority.ok_or_else(|| ConfigError::Missing((*key).to_owned()))?;
            if !authority.split(',').all(|one| host_of(one.trim()).is_some()) {
                return Err(ConfigError::Bounds(format!("{key} must be host:port, or several between commas")));
            }
        }
        if self.tls.insecure_plaintext {
            self.check_loopback()?;
        }
        self.tls.check()?;
        if self.public { self.tls.public().map(drop) } else { Ok(()) }
    }

    fn check_loopback(&self) -> Result<(), ConfigError> {
        let listeners = self.listeners.iter().map(|(key, address)| (*key, address.ip().is_loopback()));
        let siblings = self.siblings.iter().map(|(key, authority)| (*key, authority.is_some_and(is_loopback)));
        match listeners.chain(siblings).find(|(_, loopback)| !loopback) {
            Some((key, _)) => {
                let what = "insecure_plaintext is refused unless every address is loopback, which is not so of";
                Err(ConfigError::within("tls", format!("{what} {key}")))
            }
            None => Ok(()),
        }
    }
}

/// The host of `host:port`.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = authority.rsplit_once(':')?;
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_host = inside.map_or_else(|| !host.is_empty() && is_name(host), |host| host.parse::<IpAddr>().is_ok());
    port.parse::<u16>().ok().filter(|port| *port > 0 && is_host)?;
    Some(inside.unwrap_or(host))
}

fn is_loopback(authority: &str) -> bool {
    let here = |host: &str| host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    authority.split(',').all(|one| host_of(one.trim()).is_some_and(here))
}
