//! The address a request came from, for limits and logs.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use tonic::Request;

use crate::Peer;

/// The address of the socket's other end; an extension that a [`crate::door`] puts on every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Passes on the address a request came from to the next service of the suite: as it is within a process, as
/// metadata over the network.
pub fn attach<T>(request: &mut Request<T>, source: IpAddr) {
    request.extensions_mut().insert(PassedOn(source));
}

/// Where a request came from: what a service of the suite passed on, else the socket's other end. Anyone else's
/// word for it is not taken.
#[must_use]
pub fn of<T>(request: &Request<T>) -> Option<IpAddr> {
    let extensions = request.extensions();
    if let Some(Peer::Service(_)) = extensions.get() {
        return match extensions.get() {
            Some(PassedOn(address)) => Some(*address),
            None => passed_on(request.metadata().as_ref()),
        };
    }
    extensions.get().map(|ClientAddress(address)| *address)
}

/// What a request over the network says of where it came from; to be believed of a service of the suite alone.
pub(crate) fn passed_on(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get(SOURCE_KEY)?.to_str().ok()?.parse().ok()
}

/// Writes the address that was passed on where it is read on the other side of a network.
pub(crate) fn write<B>(request: &mut http::Request<B>) {
    if let Some(PassedOn(address)) = request.extensions_mut().remove()
        && let Ok(value) = HeaderValue::try_from(address.to_string())
    {
        request.headers_mut().insert(SOURCE_KEY, value);
    }
}

/// An address on its way to a sibling. Nothing outside of the process can put it on a request.
#[derive(Clone, Copy, Debug)]
struct PassedOn(IpAddr);

const SOURCE_KEY: &str = "x-mintage-source";

#[cfg(test)]
mod tests {
    use tonic::Extensions;
    use tonic::metadata::MetadataMap;

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
    fn a_sibling_is_believed_over_the_network_too() {
        let mut request = Request::new(());
        attach(&mut request, REAL);
        let (metadata, extensions, ()) = request.into_parts();
        let mut sent = http::Request::new(());
        *sent.extensions_mut() = extensions;
        *sent.headers_mut() = metadata.into_headers();
        write(&mut sent);
        let (head, ()) = sent.into_parts();
        let mut received = Request::from_parts(MetadataMap::from_headers(head.headers), Extensions::new(), ());
        assert_eq!(of(&received), None, "as long as nobody proved to be a sibling");
        received.extensions_mut().insert(Peer::Service(ServiceName::EDGE));
        assert_eq!(of(&received), Some(REAL));
    }

    #[test]
    fn b22_anyone_elses_word_for_its_address_is_not_taken() {
        let mut request = Request::new(());
        request.metadata_mut().insert(SOURCE_KEY, FORGED.to_string().parse().unwrap());
        request.extensions_mut().insert(ClientAddress(REAL));
        assert_eq!(of(&request), Some(REAL));
    }
}
