//! A key that is ready to sign.

use mintage_jose::{Kid, SignError, Signer};
use mintage_pkcs11::{TokenError, TokenSigner};

/// A key that is ready to sign, wherever it is.
#[derive(Debug)]
pub enum OpenKey {
    /// In the memory of this process.
    InMemory(Signer),
    /// Inside a token.
    InToken(TokenSigner),
    /// Inside a token that answers nothing before the other end of the channel goes.
    #[cfg(test)]
    Hanging(Kid, std::sync::Mutex<std::sync::mpsc::Receiver<()>>),
}

/// Where a signature is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At once: it takes microseconds.
    Here,
    /// On a thread for what takes a core for a millisecond.
    OnACore,
    /// On a thread that may wait for a device.
    InAToken,
}

impl OpenKey {
    /// Its name.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        match self {
            Self::InMemory(signer) => signer.kid(),
            Self::InToken(signer) => signer.kid(),
            #[cfg(test)]
            Self::Hanging(kid, _) => kid,
        }
    }

    /// Where it signs.
    pub(crate) const fn place(&self) -> Place {
        match self {
            Self::InMemory(signer) if signer.algorithm().is_rsa() => Place::OnACore,
            Self::InMemory(_) => Place::Here,
            Self::InToken(_) => Place::InAToken,
            #[cfg(test)]
            Self::Hanging(..) => Place::InAToken,
        }
    }

    /// A compact JWS of `payload` (RFC 7515 section 7.1).
    ///
    /// # Errors
    /// When `typ` is no media type, nobody would read the token, or the keeper does not sign.
    pub fn sign_compact(&self, typ: &str, payload: &[u8]) -> Result<String, KeyFault> {
        match self {
            Self::InMemory(signer) => Ok(signer.sign_compact(typ, payload)?),
            Self::InToken(signer) => Ok(signer.sign_compact(typ, payload)?),
            #[cfg(test)]
            Self::Hanging(_, end) => {
                let ended = end.lock().is_ok_and(|end| end.recv().is_err());
                Err(KeyFault::InToken(TokenError::Away { label: format!("hanging, ended: {ended}") }))
            }
        }
    }

    /// See [`OpenKey::Hanging`].
    #[cfg(test)]
    pub(crate) fn hanging(kid: Kid, end: std::sync::mpsc::Receiver<()>) -> Self {
        Self::Hanging(kid, std::sync::Mutex::new(end))
    }
}

/// Why a key did not sign.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// In memory.
    #[error(transparent)]
    InMemory(#[from] SignError),
    /// Inside a token.
    #[error(transparent)]
    InToken(#[from] TokenError),
}

impl KeyFault {
    /// Whether it may be otherwise later: the token is away.
    pub(crate) const fn may_pass(&self) -> bool {
        match self {
            Self::InMemory(_) => false,
            Self::InToken(error) => error.may_pass(),
        }
    }
}
