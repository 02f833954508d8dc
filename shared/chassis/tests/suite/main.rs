//! Promises of the chassis, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod answering;
mod door;
mod identity;
mod transport;
