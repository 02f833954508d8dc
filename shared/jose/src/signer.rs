//! Signing: the step that every token pays for.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use mintage_clock::{Randomness, Timestamp};

use crate::algorithm::{Algorithm, Curve};
use crate::certificate::UnsignedCertificate;
use crate::frame::Frame;
use crate::jwk::Jwk;
use crate::jwt::MAX_TOKEN_BYTES;
use crate::kid::Kid;
use crate::mac::{HmacKey, hmac_sha256};
use crate::private_key::{KeyError, PrivateKey};

/// Signs with one key. The key is parsed and the usual headers are encoded once, when the signer is made.
pub struct Signer {
    frame: Frame,
    key: SigningKey,
}

enum SigningKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, Curve),
    Ed25519(Ed25519KeyPair),
    Shared(HmacKey),
}

impl Signer {
    /// A signer that signs with `key`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the signing library refuses the key.
    pub fn new(key: &PrivateKey) -> Result<Self, KeyError> {
        let algorithm = key.algorithm();
        Ok(Self { frame: Frame::new(algorithm, key.kid().clone()), key: SigningKey::parse(key, algorithm)? })
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

    /// A compact JWS (RFC 7515 section 7.1) of `payload`, its header `{"alg":…,"typ":…,"kid":…}`. `JWT` and `at+jwt`
    /// are the types that cost nothing.
    ///
    /// # Errors
    /// [`SignError::Type`] when `typ` is no media type, [`SignError::TooLong`] when nobody would read the token,
    /// [`SignError::Signature`] when the signing library fails.
    pub fn sign_compact(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        let mut buffer = [0; MAX_SIGNATURE];
        self.frame.compact(typ, payload, self.key.signature_length(), |input| self.key.sign(input, &mut buffer))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} {})", self.algorithm(), self.kid())
    }
}

impl SigningKey {
    fn parse(key: &PrivateKey, algorithm: Algorithm) -> Result<Self, KeyError> {
        let bytes = key.bytes();
        let rsa = |encoding| RsaKeyPair::from_pkcs8(bytes).map(|pair| Self::Rsa(pair, encoding));
        let ec = |parameters, curve| EcdsaKeyPair::from_pkcs8(parameters, bytes).map(|pair| Self::Ec(pair, curve));
        let parsed = match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&RSA_PSS_SHA512),
            Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING, Curve::P256),
            Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, Curve::P384),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(bytes).map(Self::Ed25519),
            Algorithm::Hs256 => Ok(Self::Shared(HmacKey::new(bytes))),
        };
        parsed.map_err(|_| KeyError::Malformed)
    }

    fn signature_length(&self) -> usize {
        match self {
            Self::Rsa(pair, _) => pair.public_modulus_len(),
            Self::Ec(_, curve) => 2 * curve.coordinate_length(),
            Self::Ed25519(_) => 64,
            Self::Shared(_) => 32,
        }
    }

    fn sign<'a>(&self, input: &[u8], buffer: &'a mut [u8; MAX_SIGNATURE]) -> Result<&'a [u8], SignError> {
        let signature = buffer.get_mut(..self.signature_length()).ok_or(SignError::Signature)?;
        match self {
            Self::Rsa(pair, encoding) => pair.sign(*encoding, &SystemRandom::new(), input, signature)?,
            Self::Ec(pair, _) => signature.copy_from_slice(pair.sign(&SystemRandom::new(), input)?.as_ref()),
            Self::Ed25519(pair) => signature.copy_from_slice(pair.try_sign(input)?.as_ref()),
            Self::Shared(key) => signature.copy_from_slice(&hmac_sha256(key, input)),
        }
        Ok(signature)
    }
}

/// The public half of `key` with a certificate that it signed for itself; [`Algorithm::Hs256`] has none.
pub(crate) fn certified(key: &PrivateKey, now: Timestamp, randomness: &Randomness) -> Result<Option<Jwk>, KeyError> {
    let Some(jwk) = key.public_jwk() else { return Ok(None) };
    let unsigned = UnsignedCertificate::new(jwk, now, randomness)?;
    let mut buffer = [0; MAX_SIGNATURE];
    let signer = SigningKey::parse(key, unsigned.algorithm())?;
    let signature = signer.sign(unsigned.to_be_signed(), &mut buffer).map_err(|_| KeyError::Malformed)?;
    Ok(Some(unsigned.signed(signature)?))
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

/// Of RSA with 4096 bits.
pub(crate) const MAX_SIGNATURE: usize = 512;
