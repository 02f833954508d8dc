//! What stands around a signature: the headers of one key, encoded once.

use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::base64url::{encode, encode_onto, encoded_len};
use crate::jwt::MAX_TOKEN_BYTES;
use crate::kid::Kid;
use crate::signer::SignError;

/// Makes the compact JWS of one key out of payloads and signatures, wherever those are made: in this process by a
/// [`Signer`](crate::Signer), or by whoever keeps the private half.
#[derive(Clone, Debug)]
pub struct Frame {
    algorithm: Algorithm,
    kid: Kid,
    /// The encoded header and its dot, for each of [`USUAL_TYPES`].
    headers: [String; USUAL_TYPES.len()],
}

impl Frame {
    /// The frame of what the key `kid` signs with `algorithm`.
    #[must_use]
    pub fn new(algorithm: Algorithm, kid: Kid) -> Self {
        let headers = USUAL_TYPES.map(|typ| encoded_header(algorithm, typ, &kid));
        Self { algorithm, kid, headers }
    }

    /// What the key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that signs.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// A compact JWS (RFC 7515 section 7.1) of `payload`, its header `{"alg":…,"typ":…,"kid":…}`, and the signature that
    /// `sign` makes of the signing input (section 5.1), in JWA's form and `signature_length` bytes long. `JWT` and `at+jwt`
    /// are the types that cost nothing.
    ///
    /// # Errors
    /// [`SignError::Type`] when `typ` is no media type, [`SignError::TooLong`] when nobody would read the token, both before
    /// anything is signed; what `sign` answers; [`SignError::Signature`] when that is no signature of this length.
    pub fn compact<S: AsRef<[u8]>, E: From<SignError>>(
        &self,
        typ: &str,
        payload: &[u8],
        signature_length: usize,
        sign: impl FnOnce(&[u8]) -> Result<S, E>,
    ) -> Result<String, E> {
        let header = self.header(typ)?;
        let length = header.len() + encoded_len(payload.len()) + 1 + encoded_len(signature_length);
        if length > MAX_TOKEN_BYTES {
            return Err(SignError::TooLong { length }.into());
        }
        let mut jws = String::with_capacity(length);
        jws.push_str(&header);
        encode_onto(&mut jws, payload);
        let signature = sign(jws.as_bytes())?;
        if signature.as_ref().len() != signature_length {
            return Err(SignError::Signature.into());
        }
        jws.push('.');
        encode_onto(&mut jws, signature.as_ref());
        Ok(jws)
    }

    fn header(&self, typ: &str) -> Result<Cow<'_, str>, SignError> {
        if let Some((_, header)) = USUAL_TYPES.iter().zip(&self.headers).find(|(usual, _)| **usual == typ) {
            return Ok(Cow::Borrowed(header));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
        if !typ.is_empty() && typ.len() <= 127 && typ.bytes().all(allowed) {
            Ok(Cow::Owned(encoded_header(self.algorithm, typ, &self.kid)))
        } else {
            Err(SignError::Type)
        }
    }
}

/// The members stand in this order, and none of the values can need escaping.
fn encoded_header(algorithm: Algorithm, typ: &str, kid: &Kid) -> String {
    let mut header = encode(format!(r#"{{"alg":"{algorithm}","typ":"{typ}","kid":"{kid}"}}"#).as_bytes());
    header.push('.');
    header
}

const USUAL_TYPES: [&str; 2] = ["JWT", "at+jwt"];
