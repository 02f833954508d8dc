//! The cellar: where the registry is kept. SeaORM stays in here.
//!
//! - [`RegistryStore`] reads, and runs each write as one transaction with its rows of the change log.
//! - `ledger` is the registry within one write; `tenants`, `clients`, `resource_servers`, `client_grants`, `registrations`, `feed`
//!   and `removals` are its tables; `records` and `user_access` turn rows into models and back.

mod client_grants;
mod clients;
mod entities;
mod errors;
mod feed;
mod ledger;
mod migrations;
mod records;
mod registrations;
mod registry;
mod removals;
mod resource_servers;
mod tenants;
mod user_access;

pub(crate) use client_grants::ClientGrantFilter;
pub(crate) use migrations::Migrator;
pub(crate) use registry::RegistryStore;
pub(crate) use removals::Claim;
