//! What is known of a client, as a claim of its tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{ClaimName, Metadata, MetadataKey, MetadataKeyError};

/// A static claim: the value of `source` stands in tokens under the name `claim`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClaimMapping {
    /// Where the value comes from.
    pub source: ClaimSource,
    /// What the claim is called.
    pub claim: ClaimName,
}

/// Where the value of a static claim comes from. As text: `client.name`, or else a metadata key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClaimSource {
    /// The client's name.
    ClientName,
    /// The value of this key of the client's metadata.
    Metadata(MetadataKey),
}

impl ClaimSource {
    /// The text that stands for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::ClientName => CLIENT_NAME,
            Self::Metadata(key) => key.as_str(),
        }
    }

    /// The value for a client, unless its metadata lacks the key.
    #[must_use]
    pub fn value<'a>(&self, name: &'a str, metadata: &'a Metadata) -> Option<&'a str> {
        match self {
            Self::ClientName => Some(name),
            Self::Metadata(key) => metadata.get(key.as_str()),
        }
    }
}

impl FromStr for ClaimSource {
    type Err = MetadataKeyError;

    fn from_str(text: &str) -> Result<Self, MetadataKeyError> {
        if text == CLIENT_NAME { Ok(Self::ClientName) } else { text.parse().map(Self::Metadata) }
    }
}

impl TryFrom<&str> for ClaimSource {
    type Error = MetadataKeyError;

    fn try_from(text: &str) -> Result<Self, MetadataKeyError> {
        text.parse()
    }
}

impl fmt::Display for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for ClaimSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ClaimSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

const CLIENT_NAME: &str = "client.name";
