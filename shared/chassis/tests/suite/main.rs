//! Promises of the chassis, from outside.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod answering;
mod door;
mod identity;
mod key_sets;
mod keys;
mod transport;
