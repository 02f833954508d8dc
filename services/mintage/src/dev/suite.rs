//! The suite in one process: every service built, joined through its generated clients.

use anyhow::{Context, Result};
use mintage_chassis::{Entrance, Service, ServiceName, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_edge::Edge;
use mintage_jose::mac::HmacKey;
use mintage_jose::seal::MasterKey;
use mintage_oauth::Pepper;
use mintage_store::{Database, DatabaseSettings};

use crate::show;

/// What a suite is made of.
pub struct SuiteParts {
    /// Key-management's own database.
    pub keys_database: DatabaseSettings,
    /// The registry's own database.
    pub registry_database: DatabaseSettings,
    /// Consent's own database.
    pub consent_database: DatabaseSettings,
    /// Seals private keys at rest.
    pub master_key: MasterKey,
    /// The bytes of the pepper under which client secrets are hashed.
    pub pepper: [u8; 32],
    /// Under which consent hashes what it hands out.
    pub consent_pepper: [u8; 32],
    /// Authenticates page tokens.
    pub page_token_key: [u8; 32],
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub randomness: Randomness,
}

/// Every service, running, not yet behind doors.
#[derive(Debug)]
pub struct Suite {
    /// Signing keys.
    pub key_management: Service,
    /// Tenants, clients, resource servers, client grants.
    pub client_registry: Service,
    /// Users, what they consented to.
    pub consent: Service,
    /// Grants → tokens.
    pub token: Service,
    /// HTTP ⇄ gRPC.
    pub edge: Edge,
    /// Key-management's database, for its count of statements.
    pub keys_database: Database,
    /// The registry's database, for its count of statements.
    pub registry_database: Database,
    /// Consent's database.
    pub consent_database: Database,
    /// Key-management's way to the registry, which needs key-management to be built.
    _registry_entrance: Entrance,
}

impl Suite {
    /// Migrates the databases, builds the services in the order of their needs and joins them in this process.
    ///
    /// # Errors
    /// When a database does not answer, or the master key is not the one that sealed the keys.
    pub async fn build(parts: SuiteParts) -> Result<Self> {
        let cellars = Cellars::open(&parts).await?;
        let SuiteParts { master_key, pepper, consent_pepper, page_token_key, clock, randomness, .. } = parts;
        let ground = Ground { cellars, pepper, consent_pepper, page_token_key, clock, randomness };
        let registry_entrance = Entrance::default();
        let key_management = ground.key_management(master_key, &registry_entrance).await?;
        let client_registry = ground.client_registry(&key_management).await?;
        registry_entrance.open(client_registry.routes.clone());
        let consent = ground.consent(&key_management, &client_registry)?;
        let token = ground.token(&key_management, &client_registry, &consent).await?;
        let edge = ground.edge(&key_management, &client_registry, &consent, &token)?;
        let Cellars { keys: keys_database, registry: registry_database, consent: consent_database } = ground.cellars;
        Ok(Self {
            key_management,
            client_registry,
            consent,
            token,
            edge,
            keys_database,
            registry_database,
            consent_database,
            _registry_entrance: registry_entrance,
        })
    }

    /// The way to the registry for `from`.
    #[must_use]
    pub fn registry_for(&self, from: ServiceName) -> Transport {
        way(from, &self.client_registry)
    }

    /// The way to consent for `from`.
    #[must_use]
    pub fn consent_for(&self, from: ServiceName) -> Transport {
        way(from, &self.consent)
    }

    /// The services with gRPC doors.
    pub fn grpc_services(&self) -> [&Service; 4] {
        [&self.token, &self.consent, &self.key_management, &self.client_registry]
    }

    /// Ends the background tasks, the nearest to the caller first, and closes the databases.
    ///
    /// # Errors
    /// When a database does not close.
    pub async fn drain(self) -> Result<()> {
        self.edge.tasks.drain().await;
        for service in [&self.token, &self.consent, &self.client_registry, &self.key_management] {
            service.tasks.drain().await;
        }
        self.consent_database.close().await.context("consent's database does not close")?;
        self.registry_database.close().await.context("the registry's database does not close")?;
        self.keys_database.close().await.context("the keys' database does not close")
    }
}

/// What every service stands on: its database, its secrets, the time and chance.
struct Ground {
    cellars: Cellars,
    pepper: [u8; 32],
    consent_pepper: [u8; 32],
    page_token_key: [u8; 32],
    clock: Clock,
    randomness: Randomness,
}

impl Ground {
    /// Built first, though it calls the registry: that stands behind the entrance once it is built.
    async fn key_management(&self, master_key: MasterKey, registry: &Entrance) -> Result<Service> {
        let doors = mintage_key_management::Doors {
            database: self.cellars.keys.clone(),
            master_keys: master_key.into(),
            pin: None,
            registry: Transport::through(ServiceName::KEY_MANAGEMENT, registry),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Ok(mintage_key_management::build(mintage_key_management::Settings::default(), doors).await?)
    }

    async fn client_registry(&self, keys: &Service) -> Result<Service> {
        let doors = mintage_client_registry::Doors {
            database: self.cellars.registry.clone(),
            keys: way(ServiceName::CLIENT_REGISTRY, keys),
            pepper: Pepper::from_bytes(&self.pepper),
            page_token_key: HmacKey::new(&self.page_token_key),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Ok(mintage_client_registry::build(mintage_client_registry::Settings::default(), doors).await?)
    }

    fn consent(&self, keys: &Service, registry: &Service) -> Result<Service> {
        let doors = mintage_consent::Doors {
            database: self.cellars.consent.clone(),
            registry: way(ServiceName::CONSENT, registry),
            keys: way(ServiceName::CONSENT, keys),
            pepper: HmacKey::new(&self.consent_pepper),
            page_token_key: HmacKey::new(&self.page_token_key),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Ok(mintage_consent::build(mintage_consent::Settings::default(), doors)?)
    }

    async fn token(&self, keys: &Service, registry: &Service, consent: &Service) -> Result<Service> {
        let doors = mintage_token::Doors {
            registry: way(ServiceName::TOKEN, registry),
            keys: way(ServiceName::TOKEN, keys),
            consent: way(ServiceName::TOKEN, consent),
            pepper: Pepper::from_bytes(&self.pepper),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Ok(mintage_token::build(mintage_token::Settings::default(), doors).await?)
    }

    fn edge(&self, keys: &Service, registry: &Service, consent: &Service, token: &Service) -> Result<Edge> {
        let doors = mintage_edge::Doors {
            token: way(ServiceName::EDGE, token),
            consent: way(ServiceName::EDGE, consent),
            registry: way(ServiceName::EDGE, registry),
            keys: way(ServiceName::EDGE, keys),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Ok(mintage_edge::build(mintage_edge::Settings::default(), doors)?)
    }
}

/// The databases, brought up to date.
struct Cellars {
    keys: Database,
    registry: Database,
    consent: Database,
}

impl Cellars {
    async fn open(parts: &SuiteParts) -> Result<Self> {
        let keys = database(&parts.keys_database, "key-management").await?;
        let registry = database(&parts.registry_database, "client-registry").await?;
        let consent = database(&parts.consent_database, "consent").await?;
        mintage_key_management::migrate(&keys).await.context("the keys' database cannot be migrated")?;
        mintage_client_registry::migrate(&registry).await.context("the registry cannot be migrated")?;
        mintage_consent::migrate(&consent).await.context("consent's database cannot be migrated")?;
        show::database(ServiceName::KEY_MANAGEMENT, &keys);
        show::database(ServiceName::CLIENT_REGISTRY, &registry);
        show::database(ServiceName::CONSENT, &consent);
        Ok(Self { keys, registry, consent })
    }
}

/// Calls of `from` to a sibling in the same process.
fn way(from: ServiceName, sibling: &Service) -> Transport {
    Transport::in_process(from, sibling.routes.clone())
}

async fn database(settings: &DatabaseSettings, whose: &str) -> Result<Database> {
    Database::connect(settings).await.with_context(|| format!("the database of {whose} cannot be opened"))
}
