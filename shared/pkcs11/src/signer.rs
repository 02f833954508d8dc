//! What signs with a key that is inside a token.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use mintage_jose::{Algorithm, Frame, Kid};

use super::connection::Connection;
use super::objects::find;
use super::public_half::public_half;
use super::{ObjectId, Token, TokenError, mechanisms};

/// Signs with one key that is inside a token. It blocks.
pub struct TokenSigner {
    token: Arc<Token>,
    id: ObjectId,
    frame: Frame,
    signature_length: usize,
    /// Where the private half is, and in which connection.
    found: Mutex<Option<(u64, ObjectHandle)>>,
}

impl TokenSigner {
    /// What signs with the key `kid`, which the token must hold by `id`: its thumbprint is compared.
    ///
    /// # Errors
    /// When the token is away or holds another key, or none.
    pub fn open(token: &Arc<Token>, id: ObjectId, algorithm: Algorithm, kid: &Kid) -> Result<Self, TokenError> {
        let (found, jwk, signature_length) = token.with_key((&id, algorithm), |connection, session| {
            let private = find(connection, session, &id)?;
            let (jwk, signature_length) = public_half(session, &id, algorithm, || connection.label())?;
            Ok(((connection.number(), private), jwk, signature_length))
        })?;
        if jwk.kid() != kid {
            return Err(TokenError::NotHeld { label: token.label().to_owned() });
        }
        let (frame, found) = (Frame::new(algorithm, kid.clone()), Mutex::new(Some(found)));
        Ok(Self { token: Arc::clone(token), id, frame, signature_length, found })
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.frame.algorithm()
    }

    /// The key it signs with.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        self.frame.kid()
    }

    /// A compact JWS, as [`mintage_jose::Signer::sign_compact`] makes it.
    ///
    /// # Errors
    /// As there; when the token is away, holds the key no more or refuses.
    pub fn sign_compact(&self, typ: &str, payload: &[u8]) -> Result<String, TokenError> {
        let sign = |input: &[u8]| self.sign(self.algorithm(), input);
        self.frame.compact(typ, payload, self.signature_length, sign)
    }

    /// The bare signature of `input` with `algorithm`, which must be one for the kind of key.
    pub fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Result<Vec<u8>, TokenError> {
        self.token.with_key((&self.id, algorithm), |connection, session| {
            let private = self.private(connection, session)?;
            match mechanisms::sign(session, private, algorithm, input) {
                Err(error) if error.lost_object() => {
                    self.set(None);
                    mechanisms::sign(session, self.private(connection, session)?, algorithm, input)
                }
                outcome => outcome,
            }
        })
    }

    fn private(&self, connection: &Connection, session: &Session) -> Result<ObjectHandle, TokenError> {
        let found = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, private)) = found.filter(|(number, _)| *number == connection.number()) {
            return Ok(private);
        }
        let private = find(connection, session, &self.id)?;
        self.set(Some((connection.number(), private)));
        Ok(private)
    }

    fn set(&self, found: Option<(u64, ObjectHandle)>) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSigner({} {})", self.algorithm(), self.kid())
    }
}
