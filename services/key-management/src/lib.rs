//! Key management: signing keys are made, announced, activated, retired and destroyed here, and sign here. Their private
//! halves never leave.
//!
//! - [`settings`] is every knob, [`ACCESS`] says who may call what.
//! - [`domain`] is the rules: the life cycle of a key, what a ring of keys is, the policy that verifiers rely on.
//! - [`custody`] is who keeps private halves: the database, sealed, or a token.
//! - [`signing`] is keys at work: the copy in memory, the signatures, the steps that are due.
//! - [`watch`] is who watches key sets, and what each holds: a new key waits for them.
//! - [`grpc`] is the door in, `clients` the doors out; [`store`] is the cellar.
//!
//! [`build`] puts the rooms together.

mod access;
mod clients;
pub mod custody;
pub mod domain;
pub mod grpc;
pub mod settings;
pub mod signing;
pub mod store;
pub mod watch;

use std::sync::Arc;
use std::time::Duration;

pub use access::ACCESS;
use mintage_chassis::access::{Guard, RemoteOperators};
use mintage_chassis::door::Need;
use mintage_chassis::{Service, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::{MasterKey, MasterKeys};
use mintage_store::Database;
pub use settings::{Settings, SettingsError};
use signing::{Keys, Parts};
use store::KeyStore;
pub use store::{migrate, schema};

use crate::custody::{Calls, Custody, Pin, Pulse, Silent, Token, TokenAccess, TokenError};
use crate::domain::{Author, Cause, PortError, Reason};
use crate::grpc::OwnKeys;

/// What key management meets the world through.
#[derive(Debug)]
pub struct Doors {
    /// Its own database, brought up to date by [`migrate`].
    pub database: Database,
    /// What private halves are sealed under.
    pub master_keys: MasterKeys,
    /// What the token of the settings is entered with, if they name one.
    pub pin: Option<Pin>,
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
/// When a setting breaks its bound, a master key is missing under which a private half is sealed or the token that has one,
/// or the database or the token does not answer.
pub async fn build(settings: Settings, doors: Doors) -> Result<Service, BuildError> {
    let policy = settings.check()?;
    let Doors { database, master_keys, pin, registry, clock, randomness } = doors;
    let store = KeyStore::new(database);
    check_master_keys(&store, &master_keys).await?;
    let token = enter_token(&settings, pin, &store, &clock).await?;
    give_up_lost(&settings, &store, &clock).await?;
    let parts = Parts {
        store,
        custody: Custody::new(Arc::new(master_keys), token.clone(), settings.custody),
        policy,
        clock: clock.clone(),
        randomness,
        registry: registry.clone(),
        signing_threads: settings.signing_threads,
        token_sessions: settings.pkcs11.sessions,
        max_waiting_signatures: settings.max_waiting_signatures,
        rsa: settings.rsa_size()?,
        watching: settings.watch,
        record_retention: settings.record_retention,
    };
    let keys = Arc::new(Keys::open(parts).await?);
    keys.show();
    keys.watchers().show();
    keys.tell_master_keys();
    let tasks = Tasks::new();
    tasks.spawn("key set watchers", keys.watchers().clone().keep_record());
    // Apart, so that a key that takes long to be made keeps no revocation from this replica.
    tasks.spawn("key readings", again_and_again(Arc::clone(&keys), settings.refresh_interval, Keys::follow_others));
    tasks.spawn("key steps", again_and_again(Arc::clone(&keys), settings.refresh_interval, Keys::take_due_steps));
    // Apart from both, since a device may take its time to destroy something.
    tasks.spawn("key clearing", again_and_again(Arc::clone(&keys), settings.refresh_interval, Keys::clear));
    let operators = Arc::new(RemoteOperators::new(registry, clock.clone()));
    let guard = Guard::new(ACCESS, Arc::new(OwnKeys::new(Arc::clone(&keys))), operators, clock);
    if let Some(pulse) = token.map(Pulse::new) {
        pulse.show();
        tasks.spawn("token pulse", pulse.keep());
    }
    let needs: Vec<Arc<dyn Need>> = vec![Arc::clone(&keys) as _];
    let routes = guard.around(grpc::routes(keys, tasks.clone()));
    Ok(Service { name: ServiceName::KEY_MANAGEMENT, routes, access: ACCESS, tasks, needs })
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting breaks its bound.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Another master key sealed some of what is kept; without it that could not sign.
    #[error(
        "the master key {missing}, which sealed private keys in the database ({keys} of them), is none of those given \
         ({given}); give that one too, or start with it: nothing was changed"
    )]
    MasterKeyMissing {
        /// The ids of the keys that were given, the one that seals first.
        given: String,
        /// The id of a key that is needed.
        missing: String,
        /// How many private halves are sealed under it.
        keys: u64,
    },
    /// A token that was not told keeps some of what is kept; without it that could not sign.
    #[error(
        "the token {label:?} keeps private keys ({keys} of them), and key_management.pkcs11.token is not it: start with that \
         token, or wait until it is back; only if it is lost for good, with its keys, name it in key_management.pkcs11.lost; \
         nothing was changed"
    )]
    TokenMissing {
        /// The label of the token.
        label: String,
        /// How many private halves it keeps.
        keys: u64,
    },
    /// No PIN was given for the token.
    #[error("secrets.pkcs11_pin must be set: the settings name a token")]
    PinMissing,
    /// The token says nothing.
    #[error("{0}; nothing was changed")]
    TokenSilent(Silent),
    /// The token does not let the service in.
    #[error("{0}; nothing was changed")]
    Token(TokenError),
    /// The database does not play along.
    #[error(transparent)]
    Keys(#[from] PortError),
}

async fn check_master_keys(store: &KeyStore, given: &MasterKeys) -> Result<(), BuildError> {
    let unknown = store.sealed_under().await?.into_iter().find(|(id, _)| given.of_id(id).is_none());
    let Some((missing, keys)) = unknown else { return Ok(()) };
    let given: Vec<_> = given.all().map(MasterKey::id).collect();
    Err(BuildError::MasterKeyMissing { given: given.join(", "), missing, keys })
}

/// The token of the settings, entered; tried once, with one PIN.
async fn enter_token(
    settings: &Settings,
    pin: Option<Pin>,
    store: &KeyStore,
    clock: &Clock,
) -> Result<Option<Arc<Token>>, BuildError> {
    let told = settings.pkcs11.told()?;
    let known = [told.map(|(_, told)| told), settings.pkcs11.lost.as_deref()];
    let mut needed = store.kept_in_tokens().await?.into_iter();
    if let Some((label, keys)) = needed.find(|(label, _)| !known.contains(&Some(label))) {
        return Err(BuildError::TokenMissing { label, keys });
    }
    let Some((module, label)) = told else { return Ok(None) };
    let pin = pin.ok_or(BuildError::PinMissing)?;
    let access = TokenAccess { module: module.to_owned(), label: label.to_owned(), pin };
    let clock = clock.clone();
    let entered = Calls::new(1).call(ENTERED_WITHIN, move || Token::open(access, clock)).await;
    let token = entered.map_err(BuildError::TokenSilent)?.map_err(BuildError::Token)?;
    tracing::info!(token = token.label(), custody = ?settings.custody, "the token was entered");
    Ok(Some(Arc::new(token)))
}

/// Whoever runs the installation says that a token is no more: nobody looks for its keys any longer. Whether it is lost, or only
/// away, cannot be told from here.
async fn give_up_lost(settings: &Settings, store: &KeyStore, clock: &Clock) -> Result<(), PortError> {
    let Some(label) = &settings.pkcs11.lost else { return Ok(()) };
    let cause = Cause { by: Author::Installation, reason: Some(Reason::own(GIVEN_UP)) };
    let keys = store.give_up_token(label, &cause, clock.now()).await?;
    if keys > 0 {
        tracing::warn!(
            token = label,
            keys,
            "the token is given up: its keys sign no more, rotate their rings at once; if it ever comes back, destroy what it \
             holds of Mintage by hand, nothing here knows of it any more"
        );
    } else {
        tracing::info!(
            token = label,
            "nothing is kept in the token that is said to be lost: the setting can be taken out"
        );
    }
    Ok(())
}

/// What stands in the record of a key whose token was given up.
const GIVEN_UP: &str = "key_management.pkcs11.lost names the token that kept it";

/// How long a device may take to let a service in.
const ENTERED_WITHIN: Duration = Duration::from_secs(30);

async fn again_and_again(keys: Arc<Keys>, interval: Duration, step: impl AsyncFn(&Keys)) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        step(&keys).await;
    }
}
