//! The address a request came from, for limits and logs.

use std::net::IpAddr;

use tonic::Request;
use tonic::metadata::MetadataValue;

use crate::Peer;

/// The address of the socket's other end; an extension that a [`crate::door`] puts on every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Passes on the address a request came from to the next service of the suite.
pub fn attach<T>(request: &mut Request<T>, source: IpAddr) {
    if let Ok(value) = MetadataValue::try_from(source.to_string()) {
        request.metadata_mut().insert(SOURCE_KEY, value);
    }
}

/// Where a request came from: what a service of the suite passed on, else the socket's other end. Anyone else's
/// word for it is not taken.
#[must_use]
pub fn of<T>(request: &Request<T>) -> Option<IpAddr> {
    if let Some(Peer::Service(_)) = request.extensions().get() {
        let passed_on = request.metadata().get(SOURCE_KEY)?;
        return passed_on.to_str().ok()?.parse().ok();
    }
    request.extensions().get().map(|ClientAddress(address)| *address)
}

const SOURCE_KEY: &str = "x-mintage-source";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServiceName;

    const FORGED: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 9, 8, 7));
    const REAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_sibling_is_believed() {
        let mut request = Request::new(());
        attach(&mut request, REAL);
        request.extensions_mut().insert(Peer::Service(ServiceName::EDGE));
        assert_eq!(of(&request), Some(REAL));
    }

    #[test]
    fn b22_anyone_elses_word_for_its_address_is_not_taken() {
        let mut request = Request::new(());
        attach(&mut request, FORGED);
        request.extensions_mut().insert(ClientAddress(REAL));
        assert_eq!(of(&request), Some(REAL));
    }
}
