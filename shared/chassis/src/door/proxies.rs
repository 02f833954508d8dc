//! Who stands in front of a door, and whose requests they pass on.

use std::net::IpAddr;

use http::HeaderMap;

/// The proxies that are believed on whose requests they pass on.
pub trait Proxies: Send + Sync + 'static {
    /// Whether `address` is one's.
    fn trusts(&self, address: IpAddr) -> bool;

    /// Whose a request with these headers is, when one of them passed it on; `None` where it does not say, or cannot be
    /// read: then it counts as the proxy's own.
    fn client(&self, headers: &HeaderMap) -> Option<IpAddr>;
}
