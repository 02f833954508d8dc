//! The rows, as SeaORM sees them; they stay in this room.

pub(super) mod key_head;
pub(super) mod key_ring;
pub(super) mod signing_key;
