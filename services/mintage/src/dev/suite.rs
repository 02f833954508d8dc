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
    /// Seals private keys at rest.
    pub master_key: MasterKey,
    /// The bytes of the pepper under which client secrets are hashed.
    pub pepper: [u8; 32],
    /// Authenticates page tokens.
    pub page_token_key: HmacKey,
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
    /// Grants → tokens.
    pub token: Service,
    /// HTTP ⇄ gRPC.
    pub edge: Edge,
    /// Key-management's database, for its count of statements.
    pub keys_database: Database,
    /// The registry's database, for its count of statements.
    pub registry_database: Database,
    /// Key-management's way to the registry, which needs key-management to be built.
    _registry_entrance: Entrance,
}

impl Suite {
    /// Migrates the databases, builds the services in the order of their needs and joins them in this process.
    ///
    /// # Errors
    /// When a database does not answer, or the master key is not the one that sealed the keys.
    pub async fn build(parts: SuiteParts) -> Result<Self> {
        let SuiteParts { keys_database, registry_database, master_key, pepper, page_token_key, clock, randomness } =
            parts;
        let keys_database = database(&keys_database, "key-management").await?;
        let registry_database = database(&registry_database, "client-registry").await?;
        mintage_key_management::migrate(&keys_database).await.context("the keys' database cannot be migrated")?;
        mintage_client_registry::migrate(&registry_database).await.context("the registry cannot be migrated")?;

        show::database(ServiceName::KEY_MANAGEMENT, &keys_database);
        show::database(ServiceName::CLIENT_REGISTRY, &registry_database);

        let registry_entrance = Entrance::default();
        let key_management = mintage_key_management::build(
            mintage_key_management::Settings::default(),
            mintage_key_management::Doors {
                database: keys_database.clone(),
                master_key,
                registry: Transport::through(ServiceName::KEY_MANAGEMENT, &registry_entrance),
                clock: clock.clone(),
                randomness: randomness.clone(),
            },
        )
        .await?;
        let keys = |from| Transport::in_process(from, key_management.routes.clone());

        let client_registry = mintage_client_registry::build(
            mintage_client_registry::Settings::default(),
            mintage_client_registry::Doors {
                database: registry_database.clone(),
                keys: keys(ServiceName::CLIENT_REGISTRY),
                pepper: Pepper::from_bytes(&pepper),
                page_token_key,
                clock: clock.clone(),
                randomness: randomness.clone(),
            },
        )
        .await?;
        registry_entrance.open(client_registry.routes.clone());
        let registry = |from| Transport::in_process(from, client_registry.routes.clone());

        let token = mintage_token::build(
            mintage_token::Settings::default(),
            mintage_token::Doors {
                registry: registry(ServiceName::TOKEN),
                keys: keys(ServiceName::TOKEN),
                pepper: Pepper::from_bytes(&pepper),
                clock: clock.clone(),
                randomness: randomness.clone(),
            },
        )
        .await?;

        let edge = mintage_edge::build(
            mintage_edge::Settings::default(),
            mintage_edge::Doors {
                token: Transport::in_process(ServiceName::EDGE, token.routes.clone()),
                registry: registry(ServiceName::EDGE),
                keys: keys(ServiceName::EDGE),
                clock,
                randomness,
            },
        )?;
        Ok(Self {
            key_management,
            client_registry,
            token,
            edge,
            keys_database,
            registry_database,
            _registry_entrance: registry_entrance,
        })
    }

    /// The way to the registry for `from`.
    #[must_use]
    pub fn registry_for(&self, from: ServiceName) -> Transport {
        Transport::in_process(from, self.client_registry.routes.clone())
    }

    /// The services with gRPC doors.
    pub fn grpc_services(&self) -> [&Service; 3] {
        [&self.token, &self.key_management, &self.client_registry]
    }

    /// Ends the background tasks, the nearest to the caller first, and closes the databases.
    ///
    /// # Errors
    /// When a database does not close.
    pub async fn drain(self) -> Result<()> {
        self.edge.tasks.drain().await;
        for service in [&self.token, &self.client_registry, &self.key_management] {
            service.tasks.drain().await;
        }
        self.registry_database.close().await.context("the registry's database does not close")?;
        self.keys_database.close().await.context("the keys' database does not close")
    }
}

async fn database(settings: &DatabaseSettings, whose: &str) -> Result<Database> {
    Database::connect(settings).await.with_context(|| format!("the database of {whose} cannot be opened"))
}
