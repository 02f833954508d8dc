//! Who may register clients at a tenant.

use std::fmt;
use std::str::FromStr;

/// Who may register clients (RFC 7591 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DynamicRegistration {
    /// Nobody.
    #[default]
    Off,
    /// Whoever holds an initial access token.
    WithToken,
    /// Anybody.
    Open,
}

impl fmt::Display for DynamicRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::WithToken => "with-token",
            Self::Open => "open",
        })
    }
}

impl FromStr for DynamicRegistration {
    type Err = UnknownRegistration;

    fn from_str(text: &str) -> Result<Self, UnknownRegistration> {
        match text {
            "off" => Ok(Self::Off),
            "with-token" => Ok(Self::WithToken),
            "open" => Ok(Self::Open),
            _ => Err(UnknownRegistration),
        }
    }
}

/// The text names no way to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the way to register clients is unknown")]
pub(crate) struct UnknownRegistration;
