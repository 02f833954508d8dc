//! The cellar: where the registry is kept. SeaORM stays in here.
//!
//! - [`RegistryStore`] reads, and runs each write as one transaction with its rows of the change log.
//! - `ledger` is the registry within one write; `tenants`, `clients`, `resource_servers`, `client_grants`, `feed` and
//!   `removals` are its tables; `records` turns rows into models and back.

mod client_grants;
mod clients;
mod entities;
mod errors;
mod feed;
mod ledger;
mod migrations;
mod records;
mod registry;
mod removals;
mod resource_servers;
mod tenants;

pub(crate) use client_grants::ClientGrantFilter;
pub(crate) use migrations::Migrator;
pub(crate) use registry::RegistryStore;
