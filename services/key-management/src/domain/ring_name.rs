//! Which ring a key belongs to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_jose::Algorithm;
use mintage_oauth::TenantId;

/// Names a key ring: a tenant's for an algorithm, or an API's own for HS256, whose key is a secret shared with that API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RingName {
    tenant: TenantId,
    algorithm: Algorithm,
    api: Option<ApiId>,
}

impl RingName {
    /// A ring's name; HS256 needs the API whose secret signs, no other algorithm takes one.
    ///
    /// # Errors
    /// When the algorithm and `api` do not go together.
    pub fn new(tenant: TenantId, algorithm: Algorithm, api: Option<ApiId>) -> Result<Self, RingNameError> {
        match (algorithm, &api) {
            (Algorithm::Hs256, None) => Err(RingNameError::ApiMissing),
            (Algorithm::Hs256, Some(_)) | (_, None) => Ok(Self { tenant, algorithm, api }),
            (_, Some(_)) => Err(RingNameError::ApiUnexpected),
        }
    }

    /// The tenant whose tokens the ring signs.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The one algorithm of every key in it.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The API that shares the secret; `None` for rings of public keys.
    #[must_use]
    pub const fn api(&self) -> Option<&ApiId> {
        self.api.as_ref()
    }

    /// Whether its keys have a public half and stand in the tenant's key set.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.api.is_none()
    }
}

impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.algorithm.as_str())?;
        self.api.as_ref().map_or(Ok(()), |api| write!(f, "/{api}"))
    }
}

/// Why a ring cannot be named so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingNameError {
    /// HS256 without an API.
    #[error("an HS256 ring is named by the API whose secret signs")]
    ApiMissing,
    /// A public algorithm with an API.
    #[error("only an HS256 ring is named by an API")]
    ApiUnexpected,
    /// The id of the API breaks its rule.
    #[error("the id of an API is 1 to 64 of A-Z a-z 0-9 - _")]
    ApiMalformed,
}

/// The id of a resource server: 1 to 64 of `A-Za-z0-9_-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiId(Arc<str>);

impl ApiId {
    /// As it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ApiId {
    type Err = RingNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if matches!(text.len(), 1..=64) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(RingNameError::ApiMalformed)
        }
    }
}

impl fmt::Display for ApiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hs256_rings_are_named_by_an_api() {
        let tenant = TenantId::default_tenant;
        let api: ApiId = "api_1".parse().unwrap();
        assert_eq!(RingName::new(tenant(), Algorithm::Hs256, None), Err(RingNameError::ApiMissing));
        assert_eq!(RingName::new(tenant(), Algorithm::Es256, Some(api.clone())), Err(RingNameError::ApiUnexpected));
        assert_eq!(RingName::new(tenant(), Algorithm::Hs256, Some(api)).unwrap().to_string(), "default/HS256/api_1");
        assert_eq!(RingName::new(tenant(), Algorithm::Es256, None).unwrap().to_string(), "default/ES256");
    }

    #[test]
    fn the_id_of_an_api_is_bounded() {
        for refused in ["", "a/b", "a b", "é", &"x".repeat(65)] {
            assert_eq!(refused.parse::<ApiId>(), Err(RingNameError::ApiMalformed), "{refused}");
        }
    }
}
