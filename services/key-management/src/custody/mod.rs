//! Who keeps the private halves of keys: the master key, which seals them, or a token, which never gives them away.
//!
//! - [`Custody`] makes keys with the keeper that the settings name and opens what either keeps; an [`OpenKey`] signs.
//! - `in_token` makes keys inside a token; `sweep` destroys there what no key needs any more; `pulse` tells metrics
//!   whether it is there.
//!   `calls` bounds what waits for the device, `silence` how long signatures do; `threads` are what the end of the process
//!   waits for.

mod calls;
mod in_token;
mod keepers;
mod open_key;
mod pulse;
mod silence;
mod sweep;
mod threads;

pub(crate) use calls::Calls;
pub use calls::Silent;
pub use keepers::{Custody, CustodyError, Keeper};
pub use mintage_pkcs11::{Pin, Token, TokenAccess, TokenError};
pub use open_key::OpenKey;
pub(crate) use open_key::Place;
pub(crate) use pulse::Pulse;
#[cfg(test)]
pub(crate) use silence::{PATIENCE, PAUSE};
pub(crate) use sweep::Sweep;
pub(crate) use threads::Threads;
