//! The rows, as SeaORM sees them; they stay in this room.

pub(super) mod key_fact;
pub(super) mod key_head;
pub(super) mod key_ring;
pub(super) mod key_set_watcher;
pub(super) mod signing_key;
pub(super) mod spent_kid;
pub(super) mod token_object;
pub(super) mod watch_replica;
