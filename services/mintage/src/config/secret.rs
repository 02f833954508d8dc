//! Settings that must not be shown.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mintage_store::DatabaseSettings;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A key of 32 bytes. In a file: the bytes themselves, or base64; elsewhere base64 (`openssl rand -base64 32`).
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// The key.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = SecretKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key of 32 bytes, in base64 or in a file as they are")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretKey, E> {
        let decoded = [&STANDARD, &URL_SAFE].iter().find_map(|base64| base64.decode(text).ok()).map(Zeroizing::new);
        let key = decoded.and_then(|bytes| Some(SecretKey(Zeroizing::new(bytes.as_slice().try_into().ok()?))));
        key.ok_or_else(|| E::invalid_value(de::Unexpected::Other("text"), &self))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<SecretKey, E> {
        match (bytes.try_into(), std::str::from_utf8(bytes)) {
            (Ok(key), _) => Ok(SecretKey(Zeroizing::new(key))),
            (Err(_), Ok(text)) => self.visit_str(text.trim_end()),
            _ => Err(E::invalid_value(de::Unexpected::Other("bytes"), &self)),
        }
    }
}

impl Serialize for SecretKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Any number of them. In a file: one a line, each in base64; or the bytes of a single one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SecretKeys(Vec<SecretKey>);

impl SecretKeys {
    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[SecretKey] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SecretKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = SecretKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys of 32 bytes, each in base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SecretKeys, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = items.next_element()? {
            keys.push(key);
        }
        Ok(SecretKeys(keys))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<SecretKeys, E> {
        if let Ok(key) = KeyVisitor.visit_bytes::<E>(bytes) {
            return Ok(SecretKeys(vec![key]));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| E::invalid_value(de::Unexpected::Other("bytes"), &self))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| KeyVisitor.visit_str(line)).collect::<Result<_, _>>().map(SecretKeys)
    }
}

/// A database's URL, shown without the password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// With the password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            true => Ok(Self(text.to_owned())),
            false => Err("this is neither sqlite:// nor postgres://"),
        }
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&DatabaseSettings::at(&self.0).shown_url())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&DatabaseSettings::at(&self.0).shown_url())
    }
}

/// A secret that is text: the password of a database, the PIN of a token.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(String::deserialize(deserializer)?)))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

const REDACTED: &str = "[redacted]";
const PADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED_OR_NOT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDED_OR_NOT);
