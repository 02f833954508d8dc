//! Key management: signing keys are made, announced, activated, retired and destroyed here, and sign here. Their private
//! halves never leave.
//!
//! - [`settings`] is every knob, [`ACCESS`] says who may call what.
//! - [`domain`] is the rules: the life cycle of a key, what a ring of keys is, the policy that verifiers rely on.
//! - [`signing`] is keys at work: the copy in memory, the signatures, the steps that are due.
//! - [`grpc`] is the door in; [`store`] is the cellar.
//!
//! [`build`] puts the rooms together.

mod access;
pub mod domain;
pub mod grpc;
pub mod settings;
pub mod signing;
pub mod store;

use std::sync::Arc;
use std::time::Duration;

pub use access::ACCESS;
use mintage_chassis::access::{Guard, RemoteOperators};
use mintage_chassis::door::Need;
use mintage_chassis::{Service, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::MasterKey;
use mintage_store::Database;
pub use settings::{Settings, SettingsError};
use signing::{Keys, Parts};
use store::KeyStore;
pub use store::{migrate, schema};

use crate::domain::PortError;
use crate::grpc::OwnKeys;

/// What key management meets the world through.
#[derive(Debug)]
pub struct Doors {
    /// Its own database, brought up to date by [`migrate`].
    pub database: Database,
    /// What private halves are sealed under.
    pub master_key: MasterKey,
    /// To client-registry, as this service: what operators may do now. It may lead somewhere only after the build.
    pub registry: Transport,
    /// The time.
    pub clock: Clock,
    /// Where new keys come from.
    pub randomness: Randomness,
}

/// Builds the service. It changes nothing before every check has passed.
///
/// # Errors
/// When a setting breaks its bound, the master key is not the one that sealed the private halves, or the database does
/// not answer.
pub async fn build(settings: Settings, doors: Doors) -> Result<Service, BuildError> {
    let policy = settings.check()?;
    let Doors { database, master_key, registry, clock, randomness } = doors;
    let store = KeyStore::new(database);
    check_master_key(&store, &master_key).await?;
    let parts = Parts {
        store,
        master: Arc::new(master_key),
        policy,
        clock: clock.clone(),
        randomness,
        signing_threads: settings.signing_threads,
        max_waiting_signatures: settings.max_waiting_signatures,
    };
    let keys = Arc::new(Keys::open(parts).await?);
    keys.show();
    let tasks = Tasks::new();
    tasks.spawn("key steps", step_for_ever(Arc::clone(&keys), settings.refresh_interval));
    let operators = Arc::new(RemoteOperators::new(registry, clock.clone()));
    let guard = Guard::new(ACCESS, Arc::new(OwnKeys::new(Arc::clone(&keys))), operators, clock);
    let needs: Vec<Arc<dyn Need>> = vec![Arc::clone(&keys) as _];
    let routes = guard.around(grpc::routes(keys));
    Ok(Service { name: ServiceName::KEY_MANAGEMENT, routes, access: ACCESS, tasks, needs })
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting breaks its bound.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Another master key sealed what is kept; with this one nothing could be signed.
    #[error(
        "the master key {given} is not the one that sealed the private keys in the database ({found}); \
         start with that one: nothing was changed"
    )]
    WrongMasterKey {
        /// The id of the key that was given.
        given: String,
        /// The id of the key that is needed.
        found: String,
    },
    /// The database does not play along.
    #[error(transparent)]
    Keys(#[from] PortError),
}

async fn check_master_key(store: &KeyStore, given: &MasterKey) -> Result<(), BuildError> {
    let other = store.master_key_ids().await?.into_iter().find(|id| id != given.id());
    other.map_or(Ok(()), |found| Err(BuildError::WrongMasterKey { given: given.id().to_owned(), found }))
}

async fn step_for_ever(keys: Arc<Keys>, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        keys.step().await;
    }
}
