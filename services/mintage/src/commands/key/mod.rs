//! Signing keys: a file for each verb; `shared_secret` finds the ring of an HS256 API.

pub(crate) mod list;
pub(crate) mod rotate;
pub(crate) mod secret;
mod shared_secret;
pub(crate) mod show;
