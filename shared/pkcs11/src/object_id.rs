//! What finds a key pair in a token again.

use std::fmt;
use std::str::FromStr;

/// The `CKA_ID` of both halves of a key pair. It has twenty bytes, as many as the SHA-1 that is usual there: not every token
/// takes more. Whoever makes keys sees to it that no two have the same.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectId([u8; 20]);

impl ObjectId {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for ObjectId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<Self, InvalidObjectId> {
        let mut id = [0; 20];
        if text.len() != 2 * id.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidObjectId);
        }
        for (at, byte) in id.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(InvalidObjectId)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidObjectId)?;
        }
        Ok(Self(id))
    }
}

/// The text is the id of nothing in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key pair in a token is found by 40 hexadecimal digits")]
pub struct InvalidObjectId;

/// In hexadecimal digits, as tools for tokens show it.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}
