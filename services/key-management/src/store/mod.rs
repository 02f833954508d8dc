//! The cellar: rings and keys in the service's own database.
//!
//! - `rings` keeps changes by compare-and-swap and destroys private halves.
//! - `watchers` keeps what the watchers of every replica hold.
//! - `facts` writes and reads the record of what was done; `clearing` takes out what is older than anybody asks for.
//! - `following` tells what changed since a revision; `listing` pages through keys; `private_halves` hands out sealed ones,
//!   and `showing` notes to whom secrets were shown. `beside` says where private halves are, and which secrets were shown.

mod beside;
mod clearing;
mod convert;
mod entities;
mod facts;
mod following;
mod listing;
mod migrations;
mod private_halves;
mod rings;
mod showing;
mod token_objects;
mod watchers;

pub use beside::Place;
pub use convert::RowError;
pub use facts::{Fact, ResealedHalves};
pub use following::StoredRing;
pub use listing::{ListedKey, Listing};
use mintage_store::{Database, Schema, StoreError};
pub use token_objects::Doomed;
pub(crate) use watchers::ROWS_A_STATEMENT;
pub use watchers::{KeptWatcher, WatcherChanges};

use crate::domain::PortError;

/// Rings and keys as they are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeyStore {
    database: Database,
}

impl KeyStore {
    /// The store in a database that [`migrate`] has brought up to date.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Brings the service's database up to date; replicas may do so at once.
///
/// # Errors
/// When the database does not answer or refuses.
pub async fn migrate(database: &Database) -> Result<(), StoreError> {
    database.migrate::<migrations::Migrations>().await
}

/// How the schema of the service's database stands to what this program needs; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn schema(database: &Database) -> Result<Schema, StoreError> {
    database.schema::<migrations::Migrations>().await
}

/// Sorts what the database answered for the domain.
fn refused(error: StoreError) -> PortError {
    match error {
        StoreError::Unavailable(_) => PortError::Unavailable(Box::new(error)),
        StoreError::Conflict(_) | StoreError::Internal(_) => PortError::Internal(Box::new(error)),
    }
}

fn failed(error: sea_orm::DbErr) -> PortError {
    refused(StoreError::from(error))
}
