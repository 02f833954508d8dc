//! What each service is told, section by section.

use mintage_chassis::door::DoorLimits;
use mintage_chassis::telemetry::TelemetrySettings;
use mintage_chassis::{ChannelSettings, ServiceName};
use serde::{Deserialize, Serialize};

use super::error::required;
use super::{
    ClientRegistrySecrets, ClientRegistrySiblings, Common, ConfigError, ConsentSecrets, ConsentSiblings,
    DatabaseSection, EdgeListen, EdgeSiblings, GrpcListen, KeyManagementSecrets, KeyManagementSiblings, LogSettings,
    ServiceConfig, TlsSettings, TokenSecrets, TokenSiblings,
};

/// The settings of `mintage serve client-registry`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClientRegistryConfig {
    /// What is logged.
    pub log: LogSettings,
    /// Metrics and traces.
    pub telemetry: TelemetrySettings,
    /// Where it listens.
    pub listen: GrpcListen,
    /// Certificates.
    pub tls: TlsSettings,
    /// What one door takes on.
    pub door: DoorLimits,
    /// How its calls are carried.
    pub channel: ChannelSettings,
    /// Whom it calls.
    pub siblings: ClientRegistrySiblings,
    /// Its own database.
    pub database: DatabaseSection,
    /// What it keeps to itself.
    pub secrets: ClientRegistrySecrets,
    /// The registry itself.
    pub client_registry: mintage_client_registry::Settings,
}

/// The settings of `mintage serve key-management`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeyManagementConfig {
    /// What is logged.
    pub log: LogSettings,
    /// Metrics and traces.
    pub telemetry: TelemetrySettings,
    /// Where it listens.
    pub listen: GrpcListen,
    /// Certificates.
    pub tls: TlsSettings,
    /// What one door takes on.
    pub door: DoorLimits,
    /// How its calls are carried.
    pub channel: ChannelSettings,
    /// Whom it calls.
    pub siblings: KeyManagementSiblings,
    /// Its own database.
    pub database: DatabaseSection,
    /// What it keeps to itself.
    pub secrets: KeyManagementSecrets,
    /// Key management itself.
    pub key_management: mintage_key_management::Settings,
}

/// The settings of `mintage serve consent`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ConsentConfig {
    /// What is logged.
    pub log: LogSettings,
    /// Metrics and traces.
    pub telemetry: TelemetrySettings,
    /// Where it listens.
    pub listen: GrpcListen,
    /// Certificates.
    pub tls: TlsSettings,
    /// What one door takes on.
    pub door: DoorLimits,
    /// How its calls are carried.
    pub channel: ChannelSettings,
    /// Whom it calls.
    pub siblings: ConsentSiblings,
    /// Its own database.
    pub database: DatabaseSection,
    /// What it keeps to itself.
    pub secrets: ConsentSecrets,
    /// The consent service itself.
    pub consent: mintage_consent::Settings,
}

/// The settings of `mintage serve token`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TokenConfig {
    /// What is logged.
    pub log: LogSettings,
    /// Metrics and traces.
    pub telemetry: TelemetrySettings,
    /// Where it listens.
    pub listen: GrpcListen,
    /// Certificates.
    pub tls: TlsSettings,
    /// What one door takes on.
    pub door: DoorLimits,
    /// How its calls are carried.
    pub channel: ChannelSettings,
    /// Whom it calls.
    pub siblings: TokenSiblings,
    /// What it keeps to itself.
    pub secrets: TokenSecrets,
    /// The token service itself.
    pub token: mintage_token::Settings,
}

/// The settings of `mintage serve edge`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EdgeConfig {
    /// What is logged.
    pub log: LogSettings,
    /// Metrics and traces.
    pub telemetry: TelemetrySettings,
    /// Where it listens.
    pub listen: EdgeListen,
    /// Certificates.
    pub tls: TlsSettings,
    /// What one door takes on.
    pub door: DoorLimits,
    /// How its calls are carried.
    pub channel: ChannelSettings,
    /// Whom it calls.
    pub siblings: EdgeSiblings,
    /// The edge itself.
    pub edge: mintage_edge::Settings,
}

/// The part of [`ServiceConfig::common`] that is spelled alike in every service.
macro_rules! common {
    ($of:ident, public: $public:expr, listeners: $listeners:expr, siblings: [$($name:ident),+]) => {
        Common {
            log: &$of.log,
            telemetry: &$of.telemetry,
            tls: &$of.tls,
            door: &$of.door,
            channel: &$of.channel,
            public: $public,
            listeners: $listeners,
            siblings: vec![$((concat!("siblings.", stringify!($name)), $of.siblings.$name.as_deref())),+],
        }
    };
}

impl ServiceConfig for ClientRegistryConfig {
    const SERVICE: ServiceName = ServiceName::CLIENT_REGISTRY;

    fn common(&self) -> Common<'_> {
        common!(self, public: self.listen.public.is_some(), listeners: grpc(&self.listen), siblings: [key_management])
    }

    fn check_own(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        required("secrets.pepper", self.secrets.pepper.as_ref())?;
        required("secrets.page_token_key", self.secrets.page_token_key.as_ref())?;
        self.client_registry.check().map_err(|error| ConfigError::within("client_registry", error))
    }
}

impl ServiceConfig for KeyManagementConfig {
    const SERVICE: ServiceName = ServiceName::KEY_MANAGEMENT;

    fn common(&self) -> Common<'_> {
        common!(self, public: self.listen.public.is_some(), listeners: grpc(&self.listen), siblings: [client_registry])
    }

    fn check_own(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        let within = |error| ConfigError::within("key_management", error);
        self.key_management.check().map_err(within)?;
        let token = self.key_management.pkcs11.told().map_err(within)?;
        self.secrets.check(token.is_some())
    }
}

impl ServiceConfig for ConsentConfig {
    const SERVICE: ServiceName = ServiceName::CONSENT;

    fn common(&self) -> Common<'_> {
        let public = self.listen.public.is_some();
        common!(self, public: public, listeners: grpc(&self.listen), siblings: [client_registry, key_management])
    }

    fn check_own(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        required("secrets.pepper", self.secrets.pepper.as_ref())?;
        required("secrets.page_token_key", self.secrets.page_token_key.as_ref())?;
        self.consent.check().map_err(|error| ConfigError::within("consent", error))
    }
}

impl ServiceConfig for TokenConfig {
    const SERVICE: ServiceName = ServiceName::TOKEN;

    fn common(&self) -> Common<'_> {
        let public = self.listen.public.is_some();
        common!(self, public: public, listeners: grpc(&self.listen), siblings: [client_registry, key_management, consent])
    }

    fn check_own(&self) -> Result<(), ConfigError> {
        required("secrets.pepper", self.secrets.pepper.as_ref())?;
        self.token.check().map_err(|error| ConfigError::within("token", error))
    }
}

impl ServiceConfig for EdgeConfig {
    const SERVICE: ServiceName = ServiceName::EDGE;

    fn common(&self) -> Common<'_> {
        let EdgeListen { http, https, health } = self.listen;
        let doors = [("listen.http", http), ("listen.https", https), ("listen.health", Some(health))];
        let listeners = doors.into_iter().filter_map(|(key, address)| Some((key, address?))).collect();
        common!(self, public: https.is_some(), listeners: listeners, siblings: [token, consent, client_registry, key_management])
    }

    fn check_own(&self) -> Result<(), ConfigError> {
        self.listen.check()?;
        if self.listen.https.is_some() {
            required("tls.public_certificate", self.tls.public()?.as_ref())?;
        }
        self.edge.check().map_err(|error| ConfigError::within("edge", error))
    }
}

fn grpc(listen: &GrpcListen) -> Vec<(&'static str, std::net::SocketAddr)> {
    let GrpcListen { internal, public, health } = *listen;
    let doors = [("listen.internal", Some(internal)), ("listen.public", public), ("listen.health", Some(health))];
    doors.into_iter().filter_map(|(key, address)| Some((key, address?))).collect()
}
