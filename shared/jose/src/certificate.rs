//! Certificates that keys sign for themselves (RFC 5280): existing clients look for one beside a public key.

mod parts;

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mintage_clock::{Randomness, Timestamp};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::jwk::Jwk;
use crate::public_key::PublicKey;
use crate::verifying_key::VerifyingKey;

/// The certificate of a public key, in DER. Nobody is vouched for: what counts is that it holds the key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificate(Box<[u8]>);

impl Certificate {
    /// Reads a certificate in standard base64 (RFC 7517 section 4.7), which must hold `key`. Neither its signature nor its
    /// dates count, since nothing is believed because of it.
    pub(crate) fn read(text: &str, key: &PublicKey) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = STANDARD.decode(text).ok()?;
        (parts::held_key(&bytes).ok()? == parts::key_info(key).ok()?).then(|| Self(bytes.into()))
    }

    /// `x5c`: standard base64, padded.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// `x5t#S256` (RFC 7517 section 4.9).
    pub(crate) fn thumbprint(&self) -> String {
        base64url::encode(digest(&SHA256, &self.0).as_ref())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.thumbprint())
    }
}

/// A certificate that lacks the signature of the key it is for. Whoever has the private half, wherever that is, signs
/// [`to_be_signed`](Self::to_be_signed); [`signed`](Self::signed) gives the JWK with its certificate.
///
/// It cannot pass for a token, nor a token for it: a JWS signs base64url and dots, which no DER is.
#[derive(Clone, Debug)]
pub struct UnsignedCertificate {
    jwk: Jwk,
    algorithm: Algorithm,
    to_be_signed: Vec<u8>,
}

impl UnsignedCertificate {
    /// For the key of `jwk`: subject and issuer are its `kid`, the serial number is drawn, and it is good from an hour before
    /// `now` for twenty years, longer than any key lives. When the key ends is not its certificate's to tell.
    ///
    /// # Errors
    /// [`CertificateError::Encoding`] when `now` is no time that a certificate can tell.
    pub fn new(jwk: Jwk, now: Timestamp, randomness: &Randomness) -> Result<Self, CertificateError> {
        let algorithm = jwk.algorithm().in_certificates();
        let to_be_signed = parts::to_be_signed(&jwk, algorithm, now, randomness)?;
        Ok(Self { jwk, algorithm, to_be_signed })
    }

    /// How it is signed: with an RSA key by PKCS#1 v1.5 and the hash of the key's own algorithm, else as the key's tokens.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What is signed.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    /// The JWK with its certificate. `signature` is written as in a JWS of [`algorithm`](Self::algorithm): with ECDSA it is
    /// two numbers of fixed length (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// [`CertificateError::Signature`] when the key did not make the signature.
    pub fn signed(self, signature: &[u8]) -> Result<Jwk, CertificateError> {
        let verifier = VerifyingKey::with_algorithm(&self.jwk, self.algorithm);
        verifier
            .map_err(|_| CertificateError::Signature)?
            .verify(&self.to_be_signed, signature)
            .map_err(|_| CertificateError::Signature)?;
        let certificate = parts::certificate(&self.to_be_signed, self.algorithm, signature)?;
        Ok(self.jwk.with_certificate(Certificate(certificate.into())))
    }
}

/// In characters of base64; five times as many as a key of 4096 bits needs.
const LONGEST: usize = 8 * 1024;

/// Why a key has no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// What it should say cannot stand in a certificate.
    #[error("the certificate cannot be encoded")]
    Encoding,
    /// The signature is not the key's.
    #[error("the certificate is not signed by its key")]
    Signature,
}

impl From<der::Error> for CertificateError {
    fn from(_: der::Error) -> Self {
        Self::Encoding
    }
}
