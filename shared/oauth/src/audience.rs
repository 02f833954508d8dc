//! The identifier of an API.

use std::str::FromStr;

use crate::text::text;

text! {
    /// An API's identifier as it stands in `aud`: 1 to 600 visible ASCII characters, a URI or not.
    ///
    /// It is compared byte for byte; `https://api/` and `https://api` are two APIs.
    pub struct Audience else AudienceError;
}

impl Audience {
    /// The most characters of one.
    pub const MAX_LENGTH: usize = 600;
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        if text.is_empty() {
            return Err(AudienceError::Empty);
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(AudienceError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AudienceError::Character);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudienceError {
    /// Nothing is there.
    #[error("the audience is empty")]
    Empty,
    /// More than 600 characters.
    #[error("the audience is longer than {} characters", Audience::MAX_LENGTH)]
    TooLong,
    /// A space, a control character or something outside ASCII.
    #[error("the audience has a character that is not visible ASCII")]
    Character,
}
