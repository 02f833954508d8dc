//! Signing: the step that every token pays for.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
    RsaKeyPair,
};

use crate::algorithm::Algorithm;
use crate::base64url::{encode, encode_onto, encoded_len};
use crate::jwt::MAX_TOKEN_BYTES;
use crate::kid::Kid;
use crate::mac::{HmacKey, hmac_sha256};
use crate::private_key::{KeyError, PrivateKey};

/// Signs with one key. The key is parsed and the usual headers are encoded once, when the signer is made.
pub struct Signer {
    algorithm: Algorithm,
    kid: Kid,
    key: SigningKey,
    /// The encoded header and its dot, for each of [`USUAL_TYPES`].
    headers: [String; USUAL_TYPES.len()],
}

enum SigningKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Shared(HmacKey),
}

impl Signer {
    /// A signer that signs with `key`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the signing library refuses the key.
    pub fn new(key: &PrivateKey) -> Result<Self, KeyError> {
        let (algorithm, kid) = (key.algorithm(), key.kid().clone());
        let headers = USUAL_TYPES.map(|typ| encoded_header(algorithm, typ, &kid));
        Ok(Self { algorithm, kid, key: SigningKey::parse(key)?, headers })
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key it signs with.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// A compact JWS (RFC 7515 section 7.1) of `payload`, its header `{"alg":…,"typ":…,"kid":…}`. `JWT` and `at+jwt`
    /// are the types that cost nothing.
    ///
    /// # Errors
    /// [`SignError::Type`] when `typ` is no media type, [`SignError::TooLong`] when nobody would read the token,
    /// [`SignError::Signature`] when the signing library fails.
    pub fn sign_compact(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        let header = self.header(typ)?;
        let encoded = encoded_len(payload.len()) + 1 + encoded_len(self.key.signature_length());
        let length = header.len() + encoded;
        if length > MAX_TOKEN_BYTES {
            return Err(SignError::TooLong { length });
        }
        let mut jws = String::with_capacity(length);
        jws.push_str(&header);
        encode_onto(&mut jws, payload);
        let mut buffer = [0; MAX_SIGNATURE];
        let signature = self.key.sign(jws.as_bytes(), &mut buffer)?;
        jws.push('.');
        encode_onto(&mut jws, signature);
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

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} {})", self.algorithm, self.kid)
    }
}

impl SigningKey {
    fn parse(key: &PrivateKey) -> Result<Self, KeyError> {
        let bytes = key.bytes();
        let parsed = match key.algorithm() {
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(bytes).map(|pair| Self::Rsa(pair, &RSA_PKCS1_SHA256)),
            Algorithm::Ps256 => RsaKeyPair::from_pkcs8(bytes).map(|pair| Self::Rsa(pair, &RSA_PSS_SHA256)),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map(Self::P256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(bytes).map(Self::Ed25519),
            Algorithm::Hs256 => Ok(Self::Shared(HmacKey::new(bytes))),
        };
        parsed.map_err(|_| KeyError::Malformed)
    }

    fn signature_length(&self) -> usize {
        match self {
            Self::Rsa(pair, _) => pair.public_modulus_len(),
            Self::P256(_) | Self::Ed25519(_) => 64,
            Self::Shared(_) => 32,
        }
    }

    fn sign<'a>(&self, input: &[u8], buffer: &'a mut [u8; MAX_SIGNATURE]) -> Result<&'a [u8], SignError> {
        let signature = buffer.get_mut(..self.signature_length()).ok_or(SignError::Signature)?;
        match self {
            Self::Rsa(pair, encoding) => pair.sign(*encoding, &SystemRandom::new(), input, signature)?,
            Self::P256(pair) => signature.copy_from_slice(pair.sign(&SystemRandom::new(), input)?.as_ref()),
            Self::Ed25519(pair) => signature.copy_from_slice(pair.try_sign(input)?.as_ref()),
            Self::Shared(key) => signature.copy_from_slice(&hmac_sha256(key, input)),
        }
        Ok(signature)
    }
}

/// The members stand in this order, and none of the values can need escaping.
fn encoded_header(algorithm: Algorithm, typ: &str, kid: &Kid) -> String {
    let mut header = encode(format!(r#"{{"alg":"{algorithm}","typ":"{typ}","kid":"{kid}"}}"#).as_bytes());
    header.push('.');
    header
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The `typ` is no media type (RFC 6838 section 4.2).
    #[error("the type of the token is no media type")]
    Type,
    /// The token would be longer than [`MAX_TOKEN_BYTES`].
    #[error("the token would have {length} bytes; at most {MAX_TOKEN_BYTES} are read")]
    TooLong {
        /// How long it would be, in bytes.
        length: usize,
    },
    /// The signing library failed.
    #[error("the signature could not be made")]
    Signature,
}

impl From<Unspecified> for SignError {
    fn from(_: Unspecified) -> Self {
        Self::Signature
    }
}

const USUAL_TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// Of RSA with 4096 bits.
pub(crate) const MAX_SIGNATURE: usize = 512;
