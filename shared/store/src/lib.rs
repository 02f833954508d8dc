//! What every service's store does alike: connect, run a transaction, migrate, and name what went wrong.
//!
//! - [`DatabaseSettings`] say where the database is and how long to wait for it.
//! - [`Database`] is the connection: SQLite or PostgreSQL by its URL.
//! - [`Connection`] is the way to it for one statement, [`Work`] for several that stand or fall together.
//! - [`Occupancy`] is how many use and wait for it at a moment.
//! - [`StoreError`] sorts what a database answers into what a caller can act on.

mod connect;
mod connection;
mod database;
mod error;
mod lock;
mod migrate;
mod occupancy;
mod postgres;
mod settings;
mod transaction;

pub use connection::Connection;
pub use database::{Backend, Database};
pub use error::{CarriesStoreError, StoreError};
pub use migrate::Schema;
pub use occupancy::Occupancy;
pub use settings::{DatabaseSettings, DatabaseUrlError, PoolError, PoolSettings};
pub use transaction::Work;
