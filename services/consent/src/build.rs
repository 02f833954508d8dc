//! Puts the consent service together.

use std::sync::Arc;
use std::time::Duration;

use mintage_chassis::access::{Guard, KeyResolver, RemoteKeys, RemoteOperators};
use mintage_chassis::door::Need;
use mintage_chassis::paging::PageTokens;
use mintage_chassis::status::Chain;
use mintage_chassis::{Service, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::mac::HmacKey;
use mintage_oauth::FailureLimiter;
use mintage_store::{Database, Schema, StoreError};

use crate::access::ACCESS;
use crate::clients::{Registry, notice};
use crate::domain::password_directory::PasswordDirectory;
use crate::domain::secret::Digester;
use crate::grpc::{BEGINNINGS, Desk, routes};
use crate::hashing::{Hashing, HashingError};
use crate::metronome::RuntimeMetronome;
use crate::purge::{Noticed, Purge};
use crate::settings::{Settings, SettingsError};
use crate::store::{ConsentStore, Migrator};

/// What the consent service meets the world through.
#[derive(Debug)]
pub struct Doors {
    /// Its own database, migrated.
    pub database: Database,
    /// To client-registry.
    pub registry: Transport,
    /// To key-management, for the keys that tokens presented here are verified by.
    pub keys: Transport,
    /// What is handed out is hashed under it. Whoever changes it ends every session, code and refresh token.
    pub pepper: HmacKey,
    /// Authenticates page tokens, so that nobody else can make one.
    pub page_token_key: HmacKey,
    /// The time.
    pub clock: Clock,
    /// Chance: whatever is handed out comes from it.
    pub randomness: Randomness,
}

/// Why the consent service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Passwords cannot be hashed as the settings say.
    #[error("passwords cannot be hashed so")]
    Hashing(#[from] HashingError),
}

/// Builds the service: its routes behind the guard.
///
/// # Errors
/// When a setting is out of its bounds.
pub fn build(settings: Settings, doors: Doors) -> Result<Service, BuildError> {
    settings.check()?;
    let Doors { database, registry, keys, pepper, page_token_key, clock, randomness } = doors;
    let store = ConsentStore::new(database);
    let needs: Vec<Arc<dyn Need>> = vec![Arc::new(store.clone())];
    let tasks = Tasks::new();
    let feed = registry.clone();
    let operators = Arc::new(RemoteOperators::new(registry.clone(), clock.clone()));
    let keys = Arc::new(RemoteKeys::new(keys));
    let guard = Guard::new(ACCESS, Arc::clone(&keys) as Arc<dyn KeyResolver>, operators, clock.clone());
    let hashing = Hashing::new(&settings.passwords, randomness.clone())?;
    let metronome = RuntimeMetronome(clock.clone());
    let desk = Desk {
        begun: FailureLimiter::new(&BEGINNINGS),
        passwords: PasswordDirectory::new(store.clone(), hashing, metronome, clock.clone(), randomness.clone()),
        store,
        registry: Registry::new(registry),
        keys,
        pages: PageTokens::new(page_token_key),
        digester: Digester::new(pepper),
        settings,
        clock,
        randomness,
    };
    let noticed = Noticed::new(desk.clock.clone());
    noticed.show();
    notice(feed, noticed.clone(), desk.clock.clone(), desk.randomness.clone(), &tasks);
    let purge =
        Purge { store: desk.store.clone(), registry: desk.registry.clone(), noticed, clock: desk.clock.clone() };
    tasks.spawn("purge", purge.run());
    tasks.spawn("sweep", sweep(desk.store.clone(), desk.clock.clone()));
    let routes = guard.around(routes(Arc::new(desk)));
    Ok(Service { name: ServiceName::CONSENT, routes, access: ACCESS, tasks, needs })
}

/// Forgets what is over, now and then. Every replica does; it is the same for each.
async fn sweep(store: ConsentStore, clock: Clock) {
    loop {
        let pause = match store.sweep(clock.now()).await {
            Ok(true) => BETWEEN_PIECES,
            Ok(false) => SWEEP_EVERY,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "what is over is forgotten later");
                SWEEP_EVERY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Brings the schema of the service's database up to date; replicas may do it together.
///
/// # Errors
/// When a migration fails; nothing is applied then.
pub async fn migrate(database: &Database) -> Result<(), StoreError> {
    database.migrate::<Migrator>().await
}

/// How the schema of the service's database stands to what this program needs; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn schema(database: &Database) -> Result<Schema, StoreError> {
    database.schema::<Migrator>().await
}

const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// Others want the database too.
const BETWEEN_PIECES: Duration = Duration::from_millis(50);
