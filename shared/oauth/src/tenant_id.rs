//! The name of a tenant.

use std::str::FromStr;

use crate::text::text;

text! {
    /// A tenant's id: 1 to 32 of `a-z`, `0-9` and `-`. Chosen at creation, for life.
    pub struct TenantId else TenantIdError;
}

impl TenantId {
    /// The id of the tenant that exists from the start.
    pub const DEFAULT: &'static str = "default";

    /// The tenant that exists from the start.
    #[must_use]
    pub fn default_tenant() -> Self {
        Self(Self::DEFAULT.into())
    }

    /// Whether this is the tenant that exists from the start.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.as_str() == Self::DEFAULT
    }
}

impl FromStr for TenantId {
    type Err = TenantIdError;

    fn from_str(text: &str) -> Result<Self, TenantIdError> {
        if text.is_empty() {
            return Err(TenantIdError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(TenantIdError::TooLong);
        }
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if !text.bytes().all(fits) {
            return Err(TenantIdError::Character);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no tenant id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantIdError {
    /// Nothing is there.
    #[error("the tenant id is empty")]
    Empty,
    /// More than 32 characters.
    #[error("the tenant id is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Something other than `a-z`, `0-9` and `-`.
    #[error("the tenant id has a character other than a-z, 0-9 and -")]
    Character,
}

const MAX_LENGTH: usize = 32;
