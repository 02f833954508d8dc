//! What an operator notes about a client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{MetadataKey, MetadataKeyError};

/// At most 10 pairs, ordered by key; values of at most 255 characters, none of them NUL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Metadata(BTreeMap<MetadataKey, String>);

impl Metadata {
    /// How many pairs there may be.
    pub const MAX_PAIRS: usize = 10;

    /// From pairs in any order.
    ///
    /// # Errors
    ///
    /// There are too many, a key stands twice, or a key or a value breaks its rule.
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, MetadataError>
    where
        K: AsRef<str>,
        V: Into<String>,
    {
        let mut entries = BTreeMap::new();
        for (key, value) in pairs {
            if entries.len() == Self::MAX_PAIRS {
                return Err(MetadataError::TooMany);
            }
            if entries.insert(key.as_ref().parse()?, checked_value(value.into())?).is_some() {
                return Err(MetadataError::Duplicate);
            }
        }
        Ok(Self(entries))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Pair after pair, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, String>> for Metadata {
    type Error = MetadataError;

    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, MetadataError> {
        Self::from_pairs(pairs)
    }
}

/// Why pairs are no metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// More than 10 pairs.
    #[error("there are more than {} pairs of metadata", Metadata::MAX_PAIRS)]
    TooMany,
    /// A key stands twice.
    #[error("a metadata key stands twice")]
    Duplicate,
    /// A key breaks its rule.
    #[error(transparent)]
    Key(#[from] MetadataKeyError),
    /// A value of more than 255 characters.
    #[error("a metadata value is longer than {MAX_VALUE} characters")]
    ValueTooLong,
    /// U+0000 in a value, which PostgreSQL cannot store.
    #[error("a metadata value has a NUL character")]
    ValueNul,
}

fn checked_value(value: String) -> Result<String, MetadataError> {
    if value.chars().count() > MAX_VALUE {
        return Err(MetadataError::ValueTooLong);
    }
    if value.contains('\0') {
        return Err(MetadataError::ValueNul);
    }
    Ok(value)
}

const MAX_VALUE: usize = 255;
