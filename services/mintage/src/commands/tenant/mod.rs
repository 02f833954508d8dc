//! Tenants: a file for each verb.

mod branding;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod initial_access_token;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;
