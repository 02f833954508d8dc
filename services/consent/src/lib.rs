//! The consent service: users, their sessions, what they consented to, and what that is redeemed for.
//!
//! The rooms:
//! - [`Settings`] are its knobs; [`ACCESS`] says who may call what.
//! - `domain` holds the rules; `grpc` is the door in, one RPC a file; `store` keeps what is written; `clients` are the
//!   doors out, to client-registry.
//! - `purge` forgets what is deleted in the registry.
//! - [`build`] puts them together; [`migrate`] prepares the database, [`schema`] says whether it must.

mod access;
mod build;
mod clients;
mod domain;
mod grpc;
mod hashing;
mod metronome;
mod purge;
mod settings;
mod store;

pub use access::ACCESS;
pub use build::{BuildError, Doors, build, migrate, schema};
pub use settings::{PasswordSettings, Settings, SettingsError};
