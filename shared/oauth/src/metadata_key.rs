//! The key of an entry of a client's metadata.

use std::str::FromStr;

use crate::text::text;

text! {
    /// 1 to 255 characters, none of them NUL.
    pub struct MetadataKey else MetadataKeyError;
}

impl FromStr for MetadataKey {
    type Err = MetadataKeyError;

    fn from_str(text: &str) -> Result<Self, MetadataKeyError> {
        if text.is_empty() {
            return Err(MetadataKeyError::Empty);
        }
        if text.chars().count() > MAX_LENGTH {
            return Err(MetadataKeyError::TooLong);
        }
        if text.contains('\0') {
            return Err(MetadataKeyError::Nul);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no metadata key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataKeyError {
    /// Nothing is there.
    #[error("a metadata key is empty")]
    Empty,
    /// More than 255 characters.
    #[error("a metadata key is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// U+0000, which PostgreSQL cannot store.
    #[error("a metadata key has a NUL character")]
    Nul,
}

const MAX_LENGTH: usize = 255;
