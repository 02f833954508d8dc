//! One permission.

use std::str::FromStr;

use crate::text::text;

text! {
    /// A scope-token (RFC 6749 section 3.3) of at most 280 characters. Case matters, and `*` means itself.
    pub struct Scope else ScopeError;
}

impl Scope {
    /// The most characters of one.
    pub const MAX_LENGTH: usize = 280;
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(ScopeError::TooLong);
        }
        let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if !text.bytes().all(fits) {
            return Err(ScopeError::Character);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no scope, or no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Nothing is there, or nothing between two spaces.
    #[error("a scope is empty")]
    Empty,
    /// More than 280 characters.
    #[error("a scope is longer than {} characters", Scope::MAX_LENGTH)]
    TooLong,
    /// Something other than visible ASCII, or `"`, or `\`.
    #[error("a scope has a character that RFC 6749 does not allow")]
    Character,
    /// A scope stands twice in one list.
    #[error("a scope stands twice")]
    Duplicate,
    /// More than 100 scopes in one list.
    #[error("there are more than {} scopes", crate::ScopeSet::MAX_ASKED)]
    TooMany,
}
