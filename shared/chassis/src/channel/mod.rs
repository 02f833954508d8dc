//! Calls to a sibling over the network: connections to every address it has, each proven by its certificate.
//!
//! - [`Channel`] carries calls, to the least busy connection; it follows the sibling's addresses.
//! - `names` says where a sibling is. `pool` holds the connections that stand, `member` keeps one to an address, `connector` makes it; `outgoing`
//!   is a request that can go again when a connection ended before it took it.

mod carrier;
mod connector;
mod member;
mod names;
mod outgoing;
mod pool;
mod settings;
#[cfg(test)]
mod tests;

pub use carrier::AddressError;
pub(crate) use carrier::{Calling, Channel};
pub use settings::ChannelSettings;
