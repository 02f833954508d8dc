//! Where the browser goes with the answer to an authorization request.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use crate::UriError;
use crate::origin::parse_port;
use crate::text::text;
use crate::uri::{Parts, origin_of, split_authority};

text! {
    /// A redirect URI (RFC 6749 section 3.1.2) of at most 2000 bytes, as a client registers it.
    ///
    /// `https`, or `http` to `127.0.0.1`, `[::1]` or `localhost` on any port, or a private-use scheme with a dot in it (RFC
    /// 8252 section 7.1); whatever else makes a browser act, `javascript:` for one, has no dot. For the rest as
    /// [`HttpsUri`](crate::HttpsUri).
    pub struct RedirectUri else UriError;
}

impl RedirectUri {
    /// Whether a request that names `presented` is answered at the address registered: the same bytes (RFC 9700 section
    /// 2.1), or another port where a native application listens on loopback by `http` (RFC 8252 section 7.3).
    #[must_use]
    pub fn admits(&self, presented: &str) -> bool {
        self.as_str() == presented || self.admits_port_of(presented)
    }

    /// Whether it leads to the machine of the user, by whatever scheme: any application there may answer in the client's
    /// stead.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = Parts::of(self.as_str()).ok().and_then(|parts| parts.origin().ok());
        host.is_some_and(|origin| {
            origin.is_loopback() || LOCAL_HOSTS.contains(&origin.host()) || is_local_name(&origin)
        })
    }

    /// Whether its host is one that others have, too: an address of a private network, or a name that machines of a network give
    /// themselves. What answers there depends on where the browser is. A name of a house's own, as `app.corp.internal`, is not
    /// among them: the house's certificates say whose it is.
    #[must_use]
    pub fn is_of_a_private_network(&self) -> bool {
        let host = Parts::of(self.as_str()).ok().and_then(|parts| parts.origin().ok());
        !self.is_private_use() && host.is_none_or(|origin| is_private_host(origin.host()))
    }

    /// Whether its scheme is an application's own: any application may claim the same one.
    #[must_use]
    pub fn is_private_use(&self) -> bool {
        !is_web(self.scheme())
    }

    /// What a user is shown of it, and a browser told that forms may lead to: the origin as registered
    /// (`https://app.example.com`), or the private-use scheme with its colon (`com.example.app:`).
    #[must_use]
    pub fn destination(&self) -> String {
        if self.is_private_use() { format!("{}:", self.scheme()) } else { origin_of(self.as_str()).to_owned() }
    }

    fn scheme(&self) -> &str {
        self.as_str().split_once(':').map_or("", |(scheme, _)| scheme)
    }

    fn admits_port_of(&self, presented: &str) -> bool {
        let same_but_for_port = |host: &&str| {
            let registered = self.as_str().strip_prefix(*host).and_then(tail_behind_port);
            registered.is_some() && registered == presented.strip_prefix(*host).and_then(tail_behind_port)
        };
        PLAIN_HOSTS.iter().any(same_but_for_port)
    }
}

impl FromStr for RedirectUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let parts = Parts::of(text)?;
        match parts.scheme {
            "https" => drop(parts.origin()?),
            "http" => {
                parts.origin()?;
                if !PLAIN_HOSTS.iter().any(|host| text.strip_prefix(host).and_then(tail_behind_port).is_some()) {
                    return Err(UriError::PlainHttp);
                }
            }
            // Labels as of a name turned round: `com.example.app`.
            scheme if !scheme.contains('.') || scheme.split('.').any(str::is_empty) => return Err(UriError::Scheme),
            _ if !parts.has_plain_authority() => return Err(UriError::Character),
            _ => {}
        }
        Ok(Self(text.into()))
    }
}

/// What follows the port, or the host where there is no port; nothing if something else follows the host.
fn tail_behind_port(rest: &str) -> Option<&str> {
    let (port, tail) = split_authority(rest);
    let canonical = port.is_empty() || port.strip_prefix(':').is_some_and(|port| parse_port(port).is_ok());
    canonical.then_some(tail)
}

fn is_web(scheme: &str) -> bool {
    matches!(scheme, "https" | "http")
}

fn is_private_host(host: &str) -> bool {
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => is_private_v4(address),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => is_private_v4(address),
            None => {
                address.is_loopback()
                    || address.is_unspecified()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
        Err(_) => host.trim_end_matches('.').ends_with(LINK_LOCAL_NAMES),
    }
}

const fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // 100.64.0.0/10 is shared by the customers of a provider (RFC 6598).
    let is_shared = first == 100 && second & 0b1100_0000 == 64;
    first == 0 || is_shared || address.is_loopback() || address.is_private() || address.is_link_local()
}

fn is_local_name(origin: &crate::Origin) -> bool {
    origin.host().ends_with(".localhost")
}

/// RFC 6762: whoever is asked first in a network has the name.
const LINK_LOCAL_NAMES: &str = ".local";
/// RFC 8252 section 7.3 names the addresses; the name is what applications use besides.
const PLAIN_HOSTS: [&str; 3] = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
/// Addresses that machines take for their own, too.
const LOCAL_HOSTS: [&str; 3] = ["0.0.0.0", "[::]", "[::ffff:127.0.0.1]"];
