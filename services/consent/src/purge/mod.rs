//! What is deleted in the registry leaves this service.
//!
//! - [`Noticed`] is what may be gone: the change feed says so, and once in a while everything is looked through.
//! - [`Purge`] asks the registry about it and forgets what is gone, piece by piece.
//!
//! Nothing waits for it: what is left of something that is gone is worth nothing, here or anywhere (decision 36).

mod departed;
mod noticed;

pub(crate) use departed::{Purge, is_known};
pub(crate) use noticed::Noticed;
