//! The rules of the registry: what may exist, what may change, what goes together. No I/O, no wire, no tables.
//!
//! - [`tenant`], [`client`], [`resource_server`], [`client_grant`]: a model each, one operation a file.
//! - [`registration`]: clients that register themselves.
//! - [`change`]: what a write tells the change feed.
//! - `shown`: names that users decide by.
//! - `token_size`: what may stand in a token, so that every one can be issued.
//! - `reach`: over whose rights in the Management API a caller rules.
//! - [`ports`]: what the rules need from the store and from key-management.

pub(crate) mod change;
mod claims;
pub(crate) mod client;
pub(crate) mod client_grant;
mod error;
mod id;
pub(crate) mod ports;
mod reach;
pub(crate) mod registration;
pub(crate) mod resource_server;
mod shown;
pub(crate) mod tenant;
mod text;
mod token_size;

pub(crate) use error::{Fault, Kind, RegistryError};
pub(crate) use id::{ClientGrantId, ResourceServerId, SecretId};
pub(crate) use reach::Reach;
pub(crate) use shown::{check_seen, check_shown, looks_like};
pub(crate) use text::{Description, DisplayName, Label, Owner};
