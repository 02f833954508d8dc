//! Where a tenant is served.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::Issuer;
use crate::text::text;

text! {
    /// `scheme://host[:port]` in its one canonical form: `http` or `https`, lower-case host, no default port.
    ///
    /// A host is a DNS name without a final dot, an IPv4 address, or an IPv6 address in brackets.
    pub struct Origin else OriginError;
}

impl Origin {
    /// The origin of a request from its scheme and its `Host` header or `:authority`.
    ///
    /// # Errors
    ///
    /// The parts do not make an origin.
    pub fn from_parts(scheme: &str, host_header: &str) -> Result<Self, OriginError> {
        if host_header.contains(['/', '?', '#', '@', '\\']) {
            return Err(OriginError::More);
        }
        let (scheme, default_port) = canonical_scheme(scheme)?;
        let (host, port) = split_port(host_header)?;
        let mut text = format!("{scheme}://");
        push_host(&mut text, host)?;
        if port.is_some_and(|port| port != default_port) {
            text.push(':');
            text.extend(port.map(|port| port.to_string()));
        }
        Ok(Self(text.into()))
    }

    /// The issuer that stands on this origin: a slash behind.
    #[must_use]
    pub fn issuer(&self) -> Issuer {
        Issuer::on(self)
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.as_str().split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// Whether it leads to the machine of whoever asks: `localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// The host, an IPv6 address in brackets, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.as_str().split_once("://").map_or("", |(_, authority)| authority);
        split_port(authority).map_or(authority, |(host, _)| host)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError::Scheme)?;
        Self::from_parts(scheme, authority)
    }
}

impl From<&Issuer> for Origin {
    fn from(issuer: &Issuer) -> Self {
        Self(issuer.as_str().trim_end_matches('/').into())
    }
}

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No scheme, or another one.
    #[error("the origin does not start with http:// or https://")]
    Scheme,
    /// User information, a path, a query or a fragment.
    #[error("the origin has more than a scheme, a host and a port")]
    More,
    /// Neither a DNS name nor an IP address.
    #[error("the host of the origin is neither a name nor an address")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("the port of the origin is not a number from 1 to 65535")]
    Port,
}

fn canonical_scheme(scheme: &str) -> Result<(&'static str, u16), OriginError> {
    if scheme.eq_ignore_ascii_case("https") {
        Ok(("https", 443))
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok(("http", 80))
    } else {
        Err(OriginError::Scheme)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    // The colons inside an IPv6 address are not the port's.
    let host_end = authority.find(']').map_or(0, |bracket| bracket + 1);
    match authority.get(host_end..).and_then(|rest| rest.find(':')) {
        None => Ok((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(host_end + colon);
            Ok((host, Some(parse_port(port.get(1..).unwrap_or_default())?)))
        }
    }
}

pub(crate) fn parse_port(text: &str) -> Result<u16, OriginError> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if !canonical {
        return Err(OriginError::Port);
    }
    text.parse().map_err(|_| OriginError::Port)
}

fn push_host(text: &mut String, host: &str) -> Result<(), OriginError> {
    if let Some(bracketed) = host.strip_prefix('[') {
        let address = bracketed.strip_suffix(']').ok_or(OriginError::Host)?;
        let address: Ipv6Addr = address.parse().map_err(|_| OriginError::Host)?;
        return write!(text, "[{address}]").map_err(|_| OriginError::Host);
    }
    if host.len() > MAX_HOST || !host.split('.').all(is_label) {
        return Err(OriginError::Host);
    }
    // URL parsers read a name that ends in a number as an IPv4 address, in whatever notation; here only in one.
    if host.rsplit('.').next().is_some_and(is_number) && host.parse::<Ipv4Addr>().is_err() {
        return Err(OriginError::Host);
    }
    text.extend(host.chars().map(|letter| letter.to_ascii_lowercase()));
    Ok(())
}

/// A DNS label (RFC 1123 section 2.1); `_` too, since container networks give such names.
fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// RFC 1035 section 2.3.4, without the final dot.
const MAX_HOST: usize = 253;
