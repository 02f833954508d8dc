//! Why a token did not do what it was asked.

use std::path::PathBuf;

use cryptoki::error::{Error, RvError};
use mintage_jose::{Algorithm, SignError};

/// Why a token did not do what it was asked. Never holds a PIN.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The module is not there, or is none.
    #[error("the PKCS#11 module {} cannot be used: {cause}", path.display())]
    Module {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        cause: Error,
    },
    /// No token has the label.
    #[error("the PKCS#11 module shows no token {label:?}; it shows {shown}")]
    Absent {
        /// The label.
        label: String,
        /// The labels of those that are there.
        shown: String,
    },
    /// Which one is meant cannot be told.
    #[error("the PKCS#11 module shows {count} tokens {label:?}; labels must differ")]
    Ambiguous {
        /// The label.
        label: String,
        /// How many have it.
        count: usize,
    },
    /// The PIN is wrong. Tokens count wrong ones and lock themselves.
    #[error("the token {label:?} refuses the PIN ({cause}); it is not tried again before the next start")]
    Pin {
        /// The token.
        label: String,
        /// In the words of PKCS#11.
        cause: RvError,
    },
    /// A wrong PIN now would lock the token.
    #[error("the token {label:?} has one try for its PIN left, which is not used: log in to it by hand first")]
    LastTry {
        /// The token.
        label: String,
    },
    /// It was away a moment ago.
    #[error("the token {label:?} was away a moment ago")]
    Away {
        /// The token.
        label: String,
    },
    /// It does not hold the private half, or not in a way that tells which one it is.
    #[error("the token {label:?} does not hold the key")]
    NotHeld {
        /// The token.
        label: String,
    },
    /// It cannot make such keys.
    #[error("the token {label:?} makes no {algorithm} keys")]
    Unsupported {
        /// The token.
        label: String,
        /// What cannot be made.
        algorithm: Algorithm,
    },
    /// It did something else than PKCS#11 says.
    #[error("the token does not keep to PKCS#11: {0}")]
    Untrue(&'static str),
    /// It says so itself.
    #[error("the token answered: {0}")]
    Failed(Error),
    /// The token to be signed is none.
    #[error(transparent)]
    Refused(#[from] SignError),
}

impl TokenError {
    /// Whether it may be otherwise later: the token is away, busy or entered by nobody.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Module { .. }
            | Self::Absent { .. }
            | Self::Ambiguous { .. }
            | Self::Pin { .. }
            | Self::LastTry { .. }
            | Self::Away { .. }
            | Self::NotHeld { .. }
            | Self::Failed(_) => true,
            Self::Unsupported { .. } | Self::Untrue(_) | Self::Refused(_) => false,
        }
    }

    /// Whether the token may be lost, or only what was asked of it not be done: these answers tell neither. A key that is not
    /// there any more may be one that a module does not see.
    pub(super) const fn doubtful(&self) -> bool {
        matches!(self, Self::NotHeld { .. })
            || matches!(self.code(), Some(RvError::DeviceError | RvError::GeneralError))
    }

    /// Whether another session may fare better.
    pub(super) const fn lost_session(&self) -> bool {
        matches!(
            self.code(),
            Some(
                RvError::SessionHandleInvalid
                    | RvError::SessionClosed
                    | RvError::UserNotLoggedIn
                    | RvError::DeviceRemoved
                    | RvError::TokenNotPresent
                    | RvError::TokenNotRecognized
                    | RvError::SlotIdInvalid
                    | RvError::CryptokiNotInitialized
            )
        )
    }

    /// Whether the module forgot everything, so that the number of a session may be another's by now.
    pub(super) const fn lost_module(&self) -> bool {
        matches!(self.code(), Some(RvError::CryptokiNotInitialized))
    }

    /// Whether the session is no more, so that its number may be another's by now.
    pub(super) const fn lost_handle(&self) -> bool {
        matches!(
            self.code(),
            Some(
                RvError::SessionHandleInvalid
                    | RvError::SessionClosed
                    | RvError::DeviceRemoved
                    | RvError::TokenNotPresent
                    | RvError::CryptokiNotInitialized
            )
        )
    }

    /// Whether the object's handle is not good any more.
    pub(super) const fn lost_object(&self) -> bool {
        matches!(self.code(), Some(RvError::ObjectHandleInvalid | RvError::KeyHandleInvalid))
    }

    const fn code(&self) -> Option<RvError> {
        match self {
            Self::Failed(Error::Pkcs11(code, _)) => Some(*code),
            _ => None,
        }
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
