//! The door in: one RPC a file; convert → domain → convert.

mod convert;
mod issue_token;
mod status;

pub(crate) use issue_token::TokenDoor;
