//! Promises of key management: its store on every backend, its service through the generated clients.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod by_hand;
mod grpc;
mod house;
mod lives;
mod master_keys;
mod new_keys;
mod operators;
mod record;
mod registry;
mod rotation;
mod signing;
mod stalls;
mod store;
mod token_notes;
mod tokens;
mod watchers;
mod watching;
mod without_token;
