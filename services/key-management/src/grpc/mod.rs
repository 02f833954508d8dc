//! The door in: one RPC a file, convert → keys → convert.

mod convert;
mod ensure_key_ring;
mod get_key_set;
mod get_signing_key;
mod list_signing_keys;
mod own_keys;
mod remove_key_ring;
mod resolve_key;
mod reveal_shared_secrets;
mod rotate_key_ring;
mod services;
mod sign;
mod status;
mod told;

pub use own_keys::OwnKeys;
pub use services::routes;
