//! The store's promises, on every backend.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod files;
mod lock;
mod migrate;
mod occupancy;
mod outages;
mod schema;
mod tls;
mod transaction;
