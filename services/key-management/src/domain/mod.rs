//! The rules of signing keys: no I/O, no clock of their own.
//!
//! - [`RingName`] says which ring; [`Ring`] holds its keys and moves them through [`KeyState`], under a [`Policy`].
//! - [`ensure`], [`rotate`], [`advance`] and [`remove`] are the operations, one a file, over the [`ports`].
//! - [`minting`] makes a key and seals its private half.

pub mod advance;
pub mod ensure;
mod error;
pub mod minting;
mod policy;
pub mod ports;
pub mod remove;
mod ring;
mod ring_name;
pub mod rotate;
mod state;

pub use error::{KeysError, PortError};
pub use policy::{Policy, PolicyError, Timing};
pub use ring::{FreshKey, Key, Ring, RingError};
pub use ring_name::{ApiId, RingName, RingNameError};
pub use state::{KeyState, TransitionError};
