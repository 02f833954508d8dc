//! Names of services in certificates: `spiffe://<trust-domain>/mintage/<service>`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{ServiceName, UnknownService};

/// What all services of an installation have in common, `mintage.internal` for example: 1 to 255 of a-z, 0-9, `.`, `-`
/// and `_` (SPIFFE-ID section 2.1). Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrustDomain(Arc<str>);

impl TrustDomain {
    /// As it stands in a SPIFFE ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrustDomain {
    type Err = TrustDomainError;

    fn from_str(text: &str) -> Result<Self, TrustDomainError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        if (1..=LONGEST_DOMAIN).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.into()));
        }
        Err(TrustDomainError)
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text names no trust domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trust domain is 1 to 255 of a-z, 0-9, `.`, `-` and `_`")]
pub struct TrustDomainError;

/// The name of a service of one installation, as its certificate carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpiffeId {
    pub(super) trust_domain: TrustDomain,
    pub(super) service: ServiceName,
}

impl SpiffeId {
    /// Names `service` of the installation `trust_domain`.
    #[must_use]
    pub fn new(trust_domain: &TrustDomain, service: ServiceName) -> Self {
        Self { trust_domain: trust_domain.clone(), service }
    }

    /// Which installation.
    #[must_use]
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    /// Which service.
    #[must_use]
    pub const fn service(&self) -> ServiceName {
        self.service
    }
}

impl FromStr for SpiffeId {
    type Err = SpiffeIdError;

    fn from_str(text: &str) -> Result<Self, SpiffeIdError> {
        let rest = text.strip_prefix(SCHEME).ok_or(SpiffeIdError::Shape)?;
        let (trust_domain, path) = rest.split_once('/').ok_or(SpiffeIdError::Shape)?;
        let service = path.strip_prefix(FOLDER).ok_or(SpiffeIdError::Shape)?;
        Ok(Self { trust_domain: trust_domain.parse()?, service: service.parse()? })
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{FOLDER}{}", self.trust_domain, self.service)
    }
}

/// The text names no service of an installation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpiffeIdError {
    /// It is another kind of name.
    #[error("the name is not of the form spiffe://<trust-domain>/mintage/<service>")]
    Shape,
    /// Its trust domain is none.
    #[error(transparent)]
    TrustDomain(#[from] TrustDomainError),
    /// Its service is none of this suite.
    #[error(transparent)]
    Service(#[from] UnknownService),
}

const SCHEME: &str = "spiffe://";
const FOLDER: &str = "mintage/";
const LONGEST_DOMAIN: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_it_is_read() {
        let id = SpiffeId::new(&"mintage.internal".parse().unwrap(), ServiceName::KEY_MANAGEMENT);
        assert_eq!(id.to_string(), "spiffe://mintage.internal/mintage/key-management");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn what_is_not_exactly_a_service_of_an_installation_is_no_name() {
        for text in [
            "",
            "token",
            "https://mintage.internal/mintage/token",
            "SPIFFE://mintage.internal/mintage/token",
            "spiffe://mintage.internal",
            "spiffe://mintage.internal/token",
            "spiffe://mintage.internal/mintage/",
            "spiffe://mintage.internal/mintage/nobody",
            "spiffe://mintage.internal/mintage/Token",
            "spiffe://mintage.internal/mintage/token/",
            "spiffe://mintage.internal/mintage/token?x",
            "spiffe://mintage.internal/mintage/token#x",
            "spiffe://mintage.internal//mintage/token",
            "spiffe://mintage.internal/other/../mintage/token",
            "spiffe:///mintage/token",
            "spiffe://Mintage.internal/mintage/token",
            "spiffe://mintage.internal:443/mintage/token",
            "spiffe://user@mintage.internal/mintage/token",
        ] {
            assert!(text.parse::<SpiffeId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_trust_domain_has_bounds() {
        assert!("a".repeat(255).parse::<TrustDomain>().is_ok());
        for text in [&"a".repeat(256), "", "a b", "a/b", "Ä"] {
            assert_eq!(text.parse::<TrustDomain>(), Err(TrustDomainError), "{text}");
        }
    }
}
