//! The doors out.

mod lifetimes;

pub(crate) use lifetimes::RemoteLifetimes;
