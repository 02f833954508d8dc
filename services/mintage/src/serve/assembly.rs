//! Builds each service from its settings.

use anyhow::{Context, Result};
use mintage_chassis::{Service, ServiceName};
use mintage_clock::{Clock, Randomness};
use mintage_edge::Edge;
use mintage_jose::mac::HmacKey;
use mintage_jose::seal::{MasterKey, MasterKeys};
use mintage_key_management::custody::Pin;
use mintage_oauth::Pepper;
use mintage_store::Database;

use super::arguments::Owner;
use super::links::Links;
use crate::config::{
    ClientRegistryConfig, ConsentConfig, EdgeConfig, KeyManagementConfig, SecretKey, ServiceConfig, TokenConfig,
};

/// A service that runs, not yet behind doors.
pub(super) enum Built {
    /// One that speaks gRPC, with its database.
    Grpc(Service, Option<Database>),
    /// The one that speaks HTTP.
    Edge(Edge),
}

impl Built {
    /// Ends what runs beside its requests and closes its database.
    pub(super) async fn drain(self) -> Result<()> {
        let database = match self {
            Self::Grpc(service, database) => {
                service.tasks.drain().await;
                database
            }
            Self::Edge(edge) => {
                edge.tasks.drain().await;
                None
            }
        };
        match database {
            Some(database) => database.close().await.context("the database does not close"),
            None => Ok(()),
        }
    }
}

/// Settings that a service can be built from.
pub(super) trait Assemble: ServiceConfig {
    /// Builds it.
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built>;
}

impl Assemble for ClientRegistryConfig {
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built> {
        let database = Owner::ClientRegistry.open(&self.database).await?;
        let doors = mintage_client_registry::Doors {
            database: database.clone(),
            keys: links.to(ServiceName::KEY_MANAGEMENT, self.siblings.key_management.as_deref())?,
            pepper: Pepper::from_bytes(given(self.secrets.pepper.as_ref())?),
            page_token_key: HmacKey::new(given(self.secrets.page_token_key.as_ref())?),
            clock: clock.clone(),
            randomness: Randomness::system(),
        };
        Ok(Built::Grpc(mintage_client_registry::build(self.client_registry, doors).await?, Some(database)))
    }
}

impl Assemble for KeyManagementConfig {
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built> {
        let database = Owner::KeyManagement.open(&self.database).await?;
        let master_key = MasterKey::from_bytes(given(self.secrets.master_key.as_ref())?);
        let others = self.secrets.other_master_keys.keys().iter().map(|key| MasterKey::from_bytes(key.bytes()));
        let pin = self.secrets.pkcs11_pin.as_ref();
        let doors = mintage_key_management::Doors {
            database: database.clone(),
            master_keys: MasterKeys::new(master_key, others),
            pin: pin.map(|pin| Pin::new(pin.reveal())),
            registry: links.to(ServiceName::CLIENT_REGISTRY, self.siblings.client_registry.as_deref())?,
            clock: clock.clone(),
            randomness: Randomness::system(),
        };
        Ok(Built::Grpc(mintage_key_management::build(self.key_management.clone(), doors).await?, Some(database)))
    }
}

impl Assemble for ConsentConfig {
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built> {
        let database = Owner::Consent.open(&self.database).await?;
        let doors = mintage_consent::Doors {
            database: database.clone(),
            registry: links.to(ServiceName::CLIENT_REGISTRY, self.siblings.client_registry.as_deref())?,
            keys: links.to(ServiceName::KEY_MANAGEMENT, self.siblings.key_management.as_deref())?,
            pepper: HmacKey::new(given(self.secrets.pepper.as_ref())?),
            page_token_key: HmacKey::new(given(self.secrets.page_token_key.as_ref())?),
            clock: clock.clone(),
            randomness: Randomness::system(),
        };
        Ok(Built::Grpc(mintage_consent::build(self.consent, doors)?, Some(database)))
    }
}

impl Assemble for TokenConfig {
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built> {
        let doors = mintage_token::Doors {
            registry: links.to(ServiceName::CLIENT_REGISTRY, self.siblings.client_registry.as_deref())?,
            keys: links.to(ServiceName::KEY_MANAGEMENT, self.siblings.key_management.as_deref())?,
            consent: links.to(ServiceName::CONSENT, self.siblings.consent.as_deref())?,
            pepper: Pepper::from_bytes(given(self.secrets.pepper.as_ref())?),
            clock: clock.clone(),
            randomness: Randomness::system(),
        };
        Ok(Built::Grpc(mintage_token::build(self.token.clone(), doors).await?, None))
    }
}

impl Assemble for EdgeConfig {
    async fn build(&self, links: &Links, clock: &Clock) -> Result<Built> {
        let doors = mintage_edge::Doors {
            token: links.to(ServiceName::TOKEN, self.siblings.token.as_deref())?,
            consent: links.to(ServiceName::CONSENT, self.siblings.consent.as_deref())?,
            registry: links.to(ServiceName::CLIENT_REGISTRY, self.siblings.client_registry.as_deref())?,
            keys: links.to(ServiceName::KEY_MANAGEMENT, self.siblings.key_management.as_deref())?,
            clock: clock.clone(),
            randomness: Randomness::system(),
        };
        Ok(Built::Edge(mintage_edge::build(self.edge.clone(), doors)?))
    }
}

/// A secret that the check of the settings has found to be there.
fn given(secret: Option<&SecretKey>) -> Result<&[u8; 32]> {
    secret.map(SecretKey::bytes).context("a secret was not told")
}
