//! Calls to a sibling over the network: connections to every address it has, each proven by its certificate.
//!
//! - [`Channel`] carries calls, to the least busy connection; it follows the sibling's addresses.
//! - `names` says where a sibling is. `pool` holds the connections that stand, `member` keeps one to an address,
//!   `connector` makes it, and `open` is what it is while it stands. `sharing` is the stream that
//!   its calls share.
//! - `outgoing` is a request that can go again when a connection ended before it took it, or where the contract says that
//!   it may be made twice; `allowance` bounds how many do. `circuit` leaves out an address that only fails.

mod allowance;
mod carrier;
mod circuit;
mod connector;
mod member;
mod names;
mod open;
mod outgoing;
mod pool;
mod settings;
mod sharing;
#[cfg(test)]
mod tests;

pub use carrier::AddressError;
pub(crate) use carrier::{Calling, Channel};
pub use settings::ChannelSettings;
