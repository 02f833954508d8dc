//! What every service's store does alike: connect, run a transaction, migrate, and name what went wrong.
//!
//! - [`DatabaseSettings`] say where the database is and how long to wait for it.
//! - [`Database`] is the connection: SQLite or PostgreSQL by its URL.
//! - [`StoreError`] sorts what a database answers into what a caller can act on.

mod connect;
mod database;
mod error;
mod migrate;
mod settings;
mod transaction;

pub use database::{Backend, Database};
pub use error::{CarriesStoreError, StoreError};
pub use migrate::Schema;
pub use settings::{DatabaseSettings, PoolError, PoolSettings};
pub use transaction::Work;
