//! Tenants, clients, credentials, resource servers, client grants; the change feed.
//!
//! The rooms:
//! - [`Settings`] are its knobs; [`ACCESS`] says who may call what.
//! - `domain` holds the rules; `grpc` is the door in, one RPC a file; `store` keeps what is written; `clients` are the
//!   doors out, to key-management.
//! - [`build`] puts them together; [`migrate`] prepares the database, [`schema`] says whether it must; [`bootstrap`] sets
//!   up a fresh installation.

mod access;
mod bootstrap;
mod build;
mod clients;
mod domain;
mod forgetting;
mod grpc;
mod settings;
mod store;

pub use access::ACCESS;
pub use bootstrap::bootstrap;
pub use build::{BuildError, Doors, build, migrate, schema};
pub use settings::{FeedBounds, RegistrationBounds, Settings, SettingsError};
