//! Who a token says it is from.

use std::str::FromStr;

use crate::text::text;
use crate::{Origin, OriginError};

text! {
    /// An issuer identifier (RFC 8414 section 2): an [`Origin`] with a slash behind.
    ///
    /// Verifiers compare it byte for byte, so only the canonical form is one.
    pub struct Issuer else IssuerError;
}

impl Issuer {
    pub(crate) fn on(origin: &Origin) -> Self {
        Self(format!("{origin}/").into())
    }

    /// The origin it stands on.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.into()
    }
}

impl FromStr for Issuer {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, IssuerError> {
        let origin = text.strip_suffix('/').ok_or(IssuerError::NoSlash)?;
        let issuer = Self::on(&origin.parse()?);
        if issuer.as_str() != text {
            return Err(IssuerError::NotCanonical);
        }
        Ok(issuer)
    }
}

/// Why a text is no issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It does not end in `/`.
    #[error("the issuer does not end in a slash")]
    NoSlash,
    /// What stands before the slash is no origin.
    #[error("the issuer is not an origin with a slash behind")]
    Origin(#[from] OriginError),
    /// Upper-case letters, a default port, or an address in another notation.
    #[error("the issuer is not in canonical form")]
    NotCanonical,
}
