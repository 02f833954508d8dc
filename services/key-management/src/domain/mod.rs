//! The rules of signing keys: no I/O, no clock of their own.
//!
//! - [`RingName`] says which ring; [`Ring`] holds its keys and moves them through [`KeyState`], by the [`Terms`] that follow
//!   from a [`RotationPolicy`] under the installation's [`Policy`].
//! - `ensure`, `advance`, `rotate`, `revoke`, `hold` and `remove` are the operations, one a file, on [`Means`]: a clock, the
//!   policy and the [`ports`]. Each keeps a [`Change`], and in it the record of what it did. [`reseal`] changes no ring.
//! - [`minting`] makes a key and seals its private half.

pub mod advance;
mod change;
mod ensure;
mod error;
mod hold;
mod kept;
mod means;
pub mod minting;
mod policy;
pub mod ports;
mod remove;
pub mod reseal;
pub mod revoke;
mod ring;
mod ring_name;
pub mod rotate;
mod rotation;
mod state;

pub use change::{Author, Cause, Change, Deed, DeedKind, Reason, ReasonError};
pub use error::{KeysError, PortError};
pub use kept::{InvalidObjectName, Kept, ObjectName};
pub use means::Means;
pub use policy::{Bounds, Policy, PolicyError, Terms, WatcherPolicy};
pub use ring::{Birth, FreshKey, Key, Ready, Ring, RingError, Standing};
pub use ring_name::{ApiId, RingName, RingNameError};
pub use rotation::RotationPolicy;
pub use state::{KeyState, TransitionError};
