//! The door in: one RPC a file; convert → domain → convert.

mod convert;
mod door;
mod issue_front_channel;
mod issue_token;
mod revoke_token;
mod status;
mod told;

pub(crate) use door::TokenDoor;
