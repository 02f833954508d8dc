//! The doors out: client-registry, asked anew at every step, and its change feed.

mod feed;
mod registry;

pub(crate) use feed::notice;
pub(crate) use registry::{Registry, Tenant};
