//! The doors out: key-management.

mod key_rings;
mod removals;

pub(crate) use key_rings::RemoteKeyRings;
pub(crate) use removals::Removals;
