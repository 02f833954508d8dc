//! `WatchKeySet` through the generated client.
//!
//! - `telling`: what watchers are told; `evidence`: whom a key waits for; `bounds`: what they may not. `rig` is a watcher.

mod bounds;
mod evidence;
mod rig;
mod telling;
