//! Promises of key management: its store on every backend, its service through the generated clients.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod grpc;
mod house;
mod lives;
mod operators;
mod registry;
mod signing;
mod store;
