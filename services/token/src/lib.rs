//! The token service: grants in, signed access tokens out.
//!
//! - [`settings`]: every knob. [`access`]: who may call what.
//! - [`domain`]: the rules, one grant a file.
//! - `grpc`: the door in. `clients`: the doors out, to client-registry, key-management and consent.

pub mod access;
mod clients;
pub mod domain;
mod grpc;
pub mod settings;

use std::sync::Arc;

use mintage_api::token::token_service_server::TokenServiceServer;
use mintage_chassis::access::{Guard, RemoteKeys, RemoteOperators};
use mintage_chassis::door::{Answering, HeardRegistry, Need};
use mintage_chassis::{Routes, Service, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_oauth::Pepper;

use crate::clients::{KeysSigner, RegistryDirectory, RemoteConsent, RuntimeMetronome, UseReporter};
use crate::domain::{ClientGate, FailureLimiter, GateParts, Mint, MintParts, Shortcuts};
use crate::grpc::TokenDoor;
pub use crate::settings::{Settings, SettingsError};

/// What the service meets the world through.
#[derive(Debug)]
pub struct Doors {
    /// To client-registry.
    pub registry: Transport,
    /// To key-management.
    pub keys: Transport,
    /// To consent. Where it does not answer, no grant of a user is served, and machines are served all the same.
    pub consent: Transport,
    /// The key that client secrets are hashed under, the same as client-registry's.
    pub pepper: Pepper,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub randomness: Randomness,
}

/// Why the service cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A setting is out of its bounds.
    #[error("a setting of the token service is out of bounds")]
    Settings(#[from] SettingsError),
}

/// Builds the service; it follows the registry's change feed from now on.
///
/// # Errors
///
/// A setting is out of its bounds.
pub async fn build(settings: Settings, doors: Doors) -> Result<Service, BuildError> {
    settings.check()?;
    let Doors { registry, keys, consent, pepper, clock, randomness } = doors;
    let tasks = Tasks::new();
    let operators = Arc::new(RemoteOperators::new(registry.clone(), clock.clone()));
    let guard = Guard::new(access::ACCESS, Arc::new(RemoteKeys::new(keys.clone())), operators, clock.clone());
    let directory = RegistryDirectory::follow(&registry, &settings, &clock, &randomness, &tasks);
    // Nothing here can take the place of either: without the one no client is known, without the other nothing is signed.
    let signing = Answering { sibling: keys.clone(), otherwise: "key management does not answer" };
    let needs: Vec<Arc<dyn Need>> = vec![Arc::new(HeardRegistry(directory.freshness())), Arc::new(signing)];
    let gate = ClientGate::new(GateParts {
        directory: directory.clone(),
        pepper,
        limiter: FailureLimiter::new(&settings.limiter),
        metronome: Arc::new(RuntimeMetronome::new(clock.clone())),
        failure_grid: settings.failure_grid,
        uses: UseReporter::start(&registry, &settings.use_reports, &tasks),
        clock: clock.clone(),
        randomness: randomness.clone(),
    });
    let signer = Arc::new(KeysSigner::start(keys, &settings.signing, &tasks));
    let mint = Mint::new(MintParts {
        gate,
        directory,
        shortcuts: Shortcuts::new(settings.caches.shortcuts),
        consent: Arc::new(RemoteConsent::new(consent, settings.consent_deadline)),
        signer,
        clock,
        randomness,
    });
    let door = TokenServiceServer::new(TokenDoor::new(mint)).max_decoding_message_size(MAX_REQUEST_BYTES);
    let routes = guard.around(Routes::new(door));
    Ok(Service { name: ServiceName::TOKEN, routes, access: access::ACCESS, tasks, needs })
}

/// The longest request that can mean anything fits: 100 scopes of 280 characters, an API of 600, a name and a secret of
/// which 1024 bytes each are looked at, tenant and issuer. Memory is set aside for what a stranger announces.
const MAX_REQUEST_BYTES: usize = 32 * 1024;
