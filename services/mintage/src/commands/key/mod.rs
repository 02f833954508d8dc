//! Signing keys: a file for each verb; `ring` finds the ring a verb is about, `shared_secret` that of an HS256 API, and
//! `identity` says who manages them when no operator can.

pub(crate) mod activate;
pub(crate) mod history;
pub(crate) mod hold;
pub(crate) mod identity;
pub(crate) mod list;
pub(crate) mod policy;
pub(crate) mod release;
pub(crate) mod reseal;
pub(crate) mod revoke;
mod ring;
pub(crate) mod rotate;
pub(crate) mod secret;
mod shared_secret;
pub(crate) mod show;
pub(crate) mod status;
