//! The door in: one RPC a file; convert → domain → convert.

mod convert;
mod issue_token;
mod status;
mod told;

pub(crate) use issue_token::TokenDoor;
