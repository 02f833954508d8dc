//! Clients: the applications that ask for tokens.

mod create;
mod create_secret;
mod delete;
mod model;
mod revoke_secret;
mod secret;
mod update;
mod user_access;

pub(crate) use create::CreateClient;
pub(crate) use create_secret::CreateSecret;
pub(crate) use delete::DeleteClient;
pub(crate) use model::{Client, NewClient};
pub(crate) use revoke_secret::RevokeSecret;
pub(crate) use secret::{NewSecret, Secret, SecretUse};
pub(crate) use update::{ClientChanges, UpdateClient};
pub(crate) use user_access::{RefreshLifetime, UserAccess, UserAccessChange};
