//! What trusted proxies say of a request they pass on.

use std::net::{IpAddr, SocketAddr};

use ::http::HeaderMap;
use ::http::request::Parts;
use ipnet::IpNet;
use mintage_chassis::door::{Proxies, Scheme};
use mintage_chassis::source::ClientAddress;

use crate::domain::Refusal;

/// The networks whose word is taken; nobody's unless told.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// A request as it came to the outermost trusted proxy: what is absent here is as this process sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forwarded<'h> {
    /// Who asked.
    pub client: Option<IpAddr>,
    /// By which scheme.
    pub scheme: Option<Scheme>,
    /// Of which host.
    pub host: Option<&'h str>,
}

impl TrustedProxies {
    /// Trusts everyone in `networks`.
    #[must_use]
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// What is to be believed of a request. From anyone else than a trusted proxy that is nothing; of a trusted one these
    /// three headers and no other, since whatever it does not set it passes on as the client wrote it.
    ///
    /// # Errors
    /// When a trusted proxy says a thing twice, or what cannot be read.
    pub fn forwarded<'h>(&self, head: &'h Parts) -> Result<Forwarded<'h>, Refusal> {
        match head.extensions.get() {
            Some(ClientAddress(peer)) if self.trusts(*peer) => Ok(Forwarded {
                client: one(&head.headers, FOR)?.map(|list| self.last_stranger(list)).transpose()?,
                scheme: one(&head.headers, PROTO)?.map(scheme).transpose()?,
                host: one(&head.headers, HOST)?,
            }),
            _ => Ok(Forwarded::default()),
        }
    }

    /// Each proxy appends whom it heard, so the list is true from its end to the first address that no trusted proxy has;
    /// what stands before, that one may have made up.
    fn last_stranger(&self, list: &str) -> Result<IpAddr, Refusal> {
        let mut client = Err(unreadable(FOR));
        for entry in list.rsplit(',') {
            let address = address(entry.trim()).ok_or(unreadable(FOR))?;
            client = Ok(address);
            if !self.trusts(address) {
                break;
            }
        }
        client
    }
}

/// For the door, which counts what each client has under way.
impl Proxies for TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        self.last_stranger(one(headers, FOR).ok()??).ok()
    }
}

/// A header that may stand once: of two, the next hop might read the other.
fn one<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| unreadable(name)),
        (Some(_), Some(_)) => Err(unreadable(name)),
    }
}

/// Some proxies write the port too.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    text.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

fn scheme(text: &str) -> Result<Scheme, Refusal> {
    let known = [Scheme::Http, Scheme::Https].into_iter().find(|scheme| scheme.as_str().eq_ignore_ascii_case(text));
    known.ok_or(unreadable(PROTO))
}

const fn unreadable(header: &'static str) -> Refusal {
    Refusal::ForwardingUnreadable { header }
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";

#[cfg(test)]
mod tests {
    use ::http::Request;
    use proptest::prelude::*;

    use super::*;

    fn client(list: &str) -> Option<String> {
        let networks = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|network| network.parse().unwrap());
        TrustedProxies::new(networks.into()).last_stranger(list).ok().map(|address| address.to_string())
    }

    #[test]
    fn b22_the_client_is_the_last_address_that_no_trusted_proxy_has() {
        for (list, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("203.0.113.9,10.0.0.2 ,192.0.2.1,fd00::7", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.99, 203.0.113.9", "203.0.113.9"),
            ("unknown, <script>, , 203.0.113.9", "203.0.113.9"),
            ("10.0.0.7, 10.0.0.2", "10.0.0.7"),
            ("2001:db8::1, fd00::7", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
        ] {
            assert_eq!(client(list).as_deref(), Some(expected), "{list}");
        }
    }

    #[test]
    fn b22_a_list_that_ends_in_no_address_is_refused() {
        for list in [
            "",
            ",",
            "203.0.113.9,",
            "203.0.113.9, 10.0.0.2, x",
            "unknown",
            "x, 10.0.0.2",
            "_hidden",
            "203.0.113",
            "0x7f000001",
            "203.0.113.009",
            "203.0.113.9;10.0.0.2",
            "\"203.0.113.9\"",
            "fe80::1%eth0",
        ] {
            assert_eq!(client(list), None, "{list}");
        }
    }

    proptest! {
        #[test]
        fn b22_from_anyone_else_nothing_is_believed(value in "[ -~]{0,40}", last in 0_u8..=255) {
            let mut request = Request::builder().extension(ClientAddress([203, 0, 113, last].into()));
            for name in [FOR, PROTO, HOST, FOR] {
                request = request.header(name, &value);
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            let trusted = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
            prop_assert_eq!(trusted.forwarded(&head), Ok(Forwarded::default()));
        }

        #[test]
        fn b22_what_the_client_wrote_never_moves_its_address(forged in "[ -~]{0,60}", proxies in 0_usize..4) {
            let list = format!("{forged},203.0.113.9{}", ",10.1.2.3".repeat(proxies));
            prop_assert_eq!(client(&list), Some("203.0.113.9".to_owned()));
        }
    }
}
