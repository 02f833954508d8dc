//! The store's promises, on every backend.

mod migrate;
mod schema;
mod transaction;
