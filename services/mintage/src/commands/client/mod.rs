//! Clients: a file for each verb.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod revoke_secret;
pub(crate) mod rotate_secret;
pub(crate) mod show;
pub(crate) mod update;
mod user_access;
