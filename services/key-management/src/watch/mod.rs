//! Who watches key sets, and what each of them holds: the evidence that a new key waits for.
//!
//! - [`Watchers`] is the whole: it gives out [`Seat`]s, keeps what those say in the database, and answers what the watchers
//!   of every replica hold.
//! - `seats` is the memory of this replica; `replicas` knows which of the others live.

mod replicas;
mod seats;
mod settings;
mod watchers;

pub use seats::{AcknowledgementError, Standing};
pub use settings::WatchSettings;
pub use watchers::{Seat, Watchers};
