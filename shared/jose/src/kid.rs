//! The name of a key.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A key id (RFC 7515 section 4.1.4): 1 to 64 characters of `A-Z a-z 0-9 - _`, safe in a path, a query and a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid(Arc<str>);

impl Kid {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From text that the caller made of base64url characters.
    pub(crate) fn of_base64url(text: &str) -> Self {
        Self(text.into())
    }
}

impl FromStr for Kid {
    type Err = InvalidKid;

    fn from_str(text: &str) -> Result<Self, InvalidKid> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKid)
        }
    }
}

impl TryFrom<&str> for Kid {
    type Error = InvalidKid;

    fn try_from(text: &str) -> Result<Self, InvalidKid> {
        text.parse()
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({})", self.0)
    }
}

/// The text names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 1 to 64 characters of a-z, A-Z, 0-9, - and _")]
pub struct InvalidKid;

pub(crate) const MAX_LENGTH: usize = 64;
