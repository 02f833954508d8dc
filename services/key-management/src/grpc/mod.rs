//! The door in: one RPC a file, convert → keys → convert.

mod activate_signing_key;
mod beside;
mod convert;
mod ensure_key_ring;
mod get_key_set;
mod get_signing_key;
mod hold_key_ring;
mod list_key_facts;
mod list_key_rings;
mod list_signing_keys;
mod own_keys;
mod pages;
mod remove_key_ring;
mod reseal_private_keys;
mod resolve_key;
mod reveal_shared_secrets;
mod revoke_signing_key;
mod rotate_key_ring;
mod services;
mod set_rotation_policy;
mod sign;
mod status;
mod told;
mod watch_key_set;

pub use own_keys::OwnKeys;
pub use services::routes;
