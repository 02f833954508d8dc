//! Key sets that are here as soon as they change, and key-management knows that they are.
//!
//! - [`Watch`] keeps one stream open for a tenant, hands its key set to a [`Holder`] and acknowledges what that holds.
//! - [`Floor`] tells which key sets are older than one that was heard of before.
//! - [`name_of_this_process`] is what operators see of a watcher.

mod floor;
mod watch;

pub use floor::{Floor, replica_lag};
pub use watch::{Holder, Watch, name_of_this_process};
