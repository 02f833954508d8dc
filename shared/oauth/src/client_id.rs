//! The name of a client.

use std::str::FromStr;

use mintage_clock::Randomness;

use crate::Party;
use crate::text::text;

text! {
    /// A `client_id` (RFC 6749 section 2.2): 1 to 64 of `A-Z`, `a-z`, `0-9`, `-` and `_`.
    pub struct ClientId else ClientIdError;
}

impl ClientId {
    /// A fresh id of 32 letters and digits; a third party's has `tpc_` before them.
    #[must_use]
    pub fn generate(party: Party, randomness: &Randomness) -> Self {
        let letters = randomness.alphanumeric(32);
        match party {
            Party::First => Self(letters.into()),
            Party::Third => Self(format!("{THIRD_PARTY_PREFIX}{letters}").into()),
        }
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        if text.is_empty() {
            return Err(ClientIdError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(ClientIdError::TooLong);
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !text.bytes().all(fits) {
            return Err(ClientIdError::Character);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientIdError {
    /// Nothing is there.
    #[error("the client id is empty")]
    Empty,
    /// More than 64 characters.
    #[error("the client id is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Something other than letters, digits, `-` and `_`.
    #[error("the client id has a character other than A-Z, a-z, 0-9, - and _")]
    Character,
}

const MAX_LENGTH: usize = 64;
const THIRD_PARTY_PREFIX: &str = "tpc_";
