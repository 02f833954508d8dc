//! What callers of a sibling may rely on.

mod addresses;
mod failures;
mod rig;
mod sharing;
