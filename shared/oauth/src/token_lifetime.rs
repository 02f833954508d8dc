//! How long a token lives.

use std::time::Duration;

/// Whole seconds from 1 to 2 592 000, which is 30 days; a day by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenLifetime(u32);

/// How long an ID token lives, and an access token that is for no API: an hour.
pub const ID_TOKEN_LIFETIME: TokenLifetime = TokenLifetime(3600);

impl TokenLifetime {
    /// The longest there is: a key that signed must be known for as long.
    pub const MAX: Self = Self(2_592_000);
    /// Of a token for the Management API: 10 minutes.
    pub const OPERATOR: Self = Self(600);

    /// From seconds.
    ///
    /// # Errors
    ///
    /// None or too many.
    pub fn from_seconds(seconds: u64) -> Result<Self, TokenLifetimeError> {
        match u32::try_from(seconds) {
            Ok(0) => Err(TokenLifetimeError::TooShort),
            Ok(seconds) if seconds <= Self::MAX.0 => Ok(Self(seconds)),
            _ => Err(TokenLifetimeError::TooLong),
        }
    }

    /// In seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u32 {
        self.0
    }

    /// As a length of time.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl Default for TokenLifetime {
    fn default() -> Self {
        Self(86_400)
    }
}

impl TryFrom<Duration> for TokenLifetime {
    type Error = TokenLifetimeError;

    fn try_from(length: Duration) -> Result<Self, TokenLifetimeError> {
        if length.subsec_nanos() != 0 {
            return Err(TokenLifetimeError::Fraction);
        }
        Self::from_seconds(length.as_secs())
    }
}

/// Why a length of time is no token lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenLifetimeError {
    /// No second at all.
    #[error("the token lifetime is shorter than a second")]
    TooShort,
    /// More than 30 days.
    #[error("the token lifetime is longer than 30 days")]
    TooLong,
    /// Part of a second.
    #[error("the token lifetime is not in whole seconds")]
    Fraction,
}
