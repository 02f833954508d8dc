//! How private halves are kept.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Randomness;
use mintage_jose::seal::Sealed;

/// How the private half of a key is kept. Each key says so for itself: what was made under one setting goes on under another.
#[derive(Clone, PartialEq, Eq)]
pub enum Kept {
    /// Encrypted under a master key, beside what may be known of it.
    Sealed(Sealed),
    /// Inside a token, which never gives it away.
    InToken(ObjectName),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealed(sealed) => write!(f, "Sealed(under {})", sealed.key_id),
            Self::InToken(name) => write!(f, "InToken({name})"),
        }
    }
}

/// What a key inside a token is noted by before it is made: 32 hexadecimal digits, drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName(Arc<str>);

impl ObjectName {
    /// One that nothing has yet.
    #[must_use]
    pub fn draw(randomness: &Randomness) -> Self {
        let drawn: String = randomness.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self(drawn.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectName {
    type Err = InvalidObjectName;

    fn from_str(text: &str) -> Result<Self, InvalidObjectName> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 32 && text.bytes().all(is_digit) { Ok(Self(text.into())) } else { Err(InvalidObjectName) }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text names nothing in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is in a token is named by 32 hexadecimal digits")]
pub struct InvalidObjectName;
