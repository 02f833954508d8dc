//! Who calls: a service of the suite, or anyone.

use std::fmt;
use std::str::FromStr;

/// The name of a service of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceName(&'static str);

impl ServiceName {
    /// HTTP ⇄ gRPC.
    pub const EDGE: Self = Self("edge");
    /// Grants → tokens.
    pub const TOKEN: Self = Self("token");
    /// Tenants, clients, resource servers, client grants.
    pub const CLIENT_REGISTRY: Self = Self("client-registry");
    /// Signing keys.
    pub const KEY_MANAGEMENT: Self = Self("key-management");
    /// Users, what they consented to, and what that is redeemed for.
    pub const CONSENT: Self = Self("consent");
    /// The binary itself, where it sets up a fresh installation.
    pub const MINTAGE: Self = Self("mintage");

    /// Every service there is.
    pub const ALL: [Self; 6] =
        [Self::EDGE, Self::TOKEN, Self::CONSENT, Self::CLIENT_REGISTRY, Self::KEY_MANAGEMENT, Self::MINTAGE];

    /// As it stands in paths, settings and certificates.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        Self::ALL.into_iter().find(|name| name.0 == text).ok_or(UnknownService)
    }
}

/// The suite has no service of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service is none of {}", ServiceName::ALL.map(ServiceName::as_str).join(", "))]
pub struct UnknownService;

/// The caller of a request, as the door it came through knows it. An extension of every request; absent means
/// [`Peer::Anonymous`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Anyone: the caller may still prove itself in the request.
    Anonymous,
    /// A service of the suite, proven by the process it lives in or by its certificate.
    Service(ServiceName),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_its_name_alone() {
        for name in ServiceName::ALL {
            assert_eq!(name.as_str().parse(), Ok(name));
        }
        for text in ["", "Token", "token ", "tokens"] {
            assert_eq!(text.parse::<ServiceName>(), Err(UnknownService), "{text:?}");
        }
        assert!(UnknownService.to_string().contains("key-management, mintage"), "{UnknownService}");
    }
}
