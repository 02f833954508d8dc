//! The cellar: rings and keys in the service's own database.
//!
//! - `rings` keeps changes by compare-and-swap and destroys private halves.
//! - `following` tells what changed since a revision; `listing` pages through keys; `private_halves` hands out sealed ones.

mod convert;
mod entities;
mod following;
mod listing;
mod migrations;
mod private_halves;
mod rings;

pub use convert::RowError;
pub use following::StoredRing;
pub use listing::{ListedKey, Listing};
use mintage_store::{Database, Schema, StoreError};

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
