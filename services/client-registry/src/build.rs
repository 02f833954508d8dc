//! Puts the registry together.

use std::sync::Arc;

use mintage_chassis::access::{Guard, RemoteKeys};
use mintage_chassis::door::Need;
use mintage_chassis::paging::PageTokens;
use mintage_chassis::{Service, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::mac::HmacKey;
use mintage_oauth::Pepper;
use mintage_store::{Database, Schema, StoreError};

use crate::access::ACCESS;
use crate::clients::{RemoteKeyRings, Removals};
use crate::domain::{Fault, RegistryError};
use crate::forgetting::forget_unused;
use crate::grpc::{Desk, Feed, OwnOperators, RegistrationLimits, routes};
use crate::settings::{Settings, SettingsError};
use crate::store::{Migrator, RegistryStore};

/// What the registry meets the world through.
#[derive(Debug)]
pub struct Doors {
    /// Its own database, migrated.
    pub database: Database,
    /// To key-management, as this service.
    pub keys: Transport,
    /// The key that client secrets are hashed under, the same as the token service's. Whoever changes it makes every
    /// stored secret worthless.
    pub pepper: Pepper,
    /// Authenticates page tokens, so that nobody else can make one. Every replica holds the same; a change ends the
    /// lists that are just being read.
    pub page_token_key: HmacKey,
    /// The time.
    pub clock: Clock,
    /// Chance: identifiers and client secrets come from it.
    pub randomness: Randomness,
}

/// Why the registry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database does not answer, or was never brought up to date.
    #[error("the registry's database cannot be read; is it migrated?")]
    Database(#[source] Fault),
}

/// Builds the service: its routes behind the guard, its background tasks running.
///
/// # Errors
/// When a setting is out of its bounds, or the database does not answer or is not migrated.
pub async fn build(settings: Settings, doors: Doors) -> Result<Service, BuildError> {
    settings.check()?;
    let Doors { database, keys, pepper, page_token_key, clock, randomness } = doors;
    let store = RegistryStore::new(database);
    let needs: Vec<Arc<dyn Need>> = vec![Arc::new(store.clone())];
    let head = store.head().await.map_err(|error: RegistryError| BuildError::Database(Box::new(error)))?;
    let tasks = Tasks::new();
    let rings = RemoteKeyRings::new(keys.clone());
    let removals = Removals::new(store.clone(), rings.clone(), clock.clone());
    tasks.spawn("key ring removal", removals.clone().run());
    let feed = Feed::start(store.clone(), settings.feed, head, clock.clone(), &tasks);
    tasks.spawn("forgetting the unused", forget_unused(store.clone(), settings.registrations, clock.clone()));
    let operators = Arc::new(OwnOperators::new(store.clone()));
    let pages = PageTokens::new(page_token_key);
    let registrations = RegistrationLimits::new(clock.clone());
    let desk = Desk { store, rings, removals, feed, pages, registrations, pepper, clock: clock.clone(), randomness };
    let guard = Guard::new(ACCESS, Arc::new(RemoteKeys::new(keys)), operators, clock);
    let routes = guard.around(routes(Arc::new(desk), tasks.clone()));
    Ok(Service { name: ServiceName::CLIENT_REGISTRY, routes, access: ACCESS, tasks, needs })
}

/// Brings the schema of the registry's database up to date; replicas may do it together.
///
/// # Errors
/// When a migration fails; nothing is applied then.
pub async fn migrate(database: &Database) -> Result<(), StoreError> {
    database.migrate::<Migrator>().await
}

/// How the schema of the registry's database stands to what this program needs; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn schema(database: &Database) -> Result<Schema, StoreError> {
    database.schema::<Migrator>().await
}
