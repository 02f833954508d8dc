//! Private keys: made, stored and read back.

use std::fmt;

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use mintage_clock::{Randomness, Timestamp};
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, Error as Pkcs8Error};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Curve, Family};
use crate::base64url;
use crate::certificate::CertificateError;
use crate::jwk::{Jwk, JwkError};
use crate::kid::Kid;
use crate::public_key::PublicKey;
use crate::rsa_size::RsaSize;
use crate::signer;

/// A key that signs, with the one algorithm it signs for; wiped when dropped.
///
/// Its stored form is the algorithm, the [`kid`](Self::kid) and the [bytes](Self::to_bytes), read back by
/// [`from_bytes`](Self::from_bytes).
#[derive(Clone)]
pub struct PrivateKey {
    algorithm: Algorithm,
    kid: Kid,
    bytes: Zeroizing<Vec<u8>>,
    public: Option<PublicKey>,
}

impl PrivateKey {
    /// Makes a new key as [`generate_sized`](Self::generate_sized) does, RSA of the usual size.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be encoded.
    pub fn generate(algorithm: Algorithm, randomness: &Randomness) -> Result<Self, KeyError> {
        Self::generate_sized(algorithm, RsaSize::default(), randomness)
    }

    /// Makes a new key: RSA of `size`, P-256, P-384, Ed25519, or 32 random bytes for [`Algorithm::Hs256`].
    ///
    /// An RSA key takes tens of milliseconds, a long one a second or more: keep it off a request's path.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be encoded.
    pub fn generate_sized(algorithm: Algorithm, size: RsaSize, randomness: &Randomness) -> Result<Self, KeyError> {
        let mut source = randomness.clone();
        let document = match algorithm.family() {
            Family::Rsa => {
                let key = RsaPrivateKey::new(&mut source, size.bits() as usize);
                key.map_err(|_| KeyError::Malformed)?.to_pkcs8_der()
            }
            Family::Ec(Curve::P256) => p256::SecretKey::generate_from_rng(&mut source).to_pkcs8_der(),
            Family::Ec(Curve::P384) => p384::SecretKey::generate_from_rng(&mut source).to_pkcs8_der(),
            Family::Ed25519 => {
                ed25519_dalek::SigningKey::from_bytes(&Zeroizing::new(randomness.bytes())).to_pkcs8_der()
            }
            Family::Shared => return Ok(Self::generate_shared(randomness)),
        };
        let bytes = document?.to_bytes();
        let public = public_half(algorithm, &bytes)?;
        Ok(Self { algorithm, kid: public.thumbprint(), bytes, public: Some(public) })
    }

    /// The id of a shared secret is drawn, because a thumbprint of the secret would let it be guessed at.
    fn generate_shared(randomness: &Randomness) -> Self {
        let kid = Kid::of_base64url(&base64url::encode(&randomness.bytes::<32>()));
        let mut bytes = Zeroizing::new(vec![0; 32]);
        randomness.fill(&mut bytes);
        Self { algorithm: Algorithm::Hs256, kid, bytes, public: None }
    }

    /// Reads back what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the bytes are no key for `algorithm`, [`KeyError::Weak`] when the key is too
    /// weak, [`KeyError::Mismatch`] when it is not the key that `kid` names.
    pub fn from_bytes(algorithm: Algorithm, kid: Kid, bytes: &[u8]) -> Result<Self, KeyError> {
        let public = if algorithm.is_symmetric() {
            if !SHARED_SECRET_BYTES.contains(&bytes.len()) {
                return Err(KeyError::Weak);
            }
            None
        } else {
            let public = public_half(algorithm, bytes)?;
            if public.thumbprint() != kid {
                return Err(KeyError::Mismatch);
            }
            Some(public)
        };
        Ok(Self { algorithm, kid, bytes: Zeroizing::new(bytes.to_vec()), public })
    }

    /// PKCS#8 in DER (RFC 5958); the bare secret for [`Algorithm::Hs256`].
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.bytes.clone()
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The RFC 7638 thumbprint of the public half; a random name for [`Algorithm::Hs256`].
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The public half; [`Algorithm::Hs256`] has none.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.as_ref().map(|public| Jwk::new(self.kid.clone(), self.algorithm, public.clone()))
    }

    /// The public half with a certificate that the key signs for itself, as of `now`; [`Algorithm::Hs256`] has none.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the key does not sign, or `now` is no time that a certificate can tell.
    pub fn certified_jwk(&self, now: Timestamp, randomness: &Randomness) -> Result<Option<Jwk>, KeyError> {
        signer::certified(self, now, randomness)
    }

    /// The secret that signs and verifies with [`Algorithm::Hs256`]; other algorithms share nothing.
    #[must_use]
    pub fn shared_secret(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.algorithm.is_symmetric().then(|| self.bytes.clone())
    }

    /// The bytes of [`to_bytes`](Self::to_bytes), without a copy of the secret.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} {})", self.algorithm, self.kid)
    }
}

/// The public half of an asymmetric key in PKCS#8.
fn public_half(algorithm: Algorithm, pkcs8: &[u8]) -> Result<PublicKey, KeyError> {
    let public = match algorithm.family() {
        Family::Rsa => {
            let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Malformed)?;
            let public = rsa::RsaPublicKey::from_pkcs1_der(pair.public_key().as_ref());
            let public = public.map_err(|_| KeyError::Malformed)?;
            PublicKey::rsa(&public.n_bytes(), &public.e_bytes())
        }
        Family::Ec(curve @ Curve::P256) => {
            let point = p256::SecretKey::from_pkcs8_der(pkcs8)?.public_key().to_sec1_point(false);
            PublicKey::of_point(curve, point.as_bytes())
        }
        Family::Ec(curve @ Curve::P384) => {
            let point = p384::SecretKey::from_pkcs8_der(pkcs8)?.public_key().to_sec1_point(false);
            PublicKey::of_point(curve, point.as_bytes())
        }
        Family::Ed25519 => {
            PublicKey::ed25519(ed25519_dalek::SigningKey::from_pkcs8_der(pkcs8)?.verifying_key().to_bytes())
        }
        Family::Shared => return Err(KeyError::Malformed),
    };
    Ok(public?)
}

/// Why some bytes are no private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// They do not encode a key for the algorithm.
    #[error("the bytes are no private key for the algorithm")]
    Malformed,
    /// They encode a key that is too weak to sign.
    #[error("the private key is too weak")]
    Weak,
    /// They encode another key than the one named.
    #[error("the private key is not the one its id names")]
    Mismatch,
}

impl From<Pkcs8Error> for KeyError {
    fn from(_: Pkcs8Error) -> Self {
        Self::Malformed
    }
}

impl From<CertificateError> for KeyError {
    fn from(_: CertificateError) -> Self {
        Self::Malformed
    }
}

impl From<JwkError> for KeyError {
    fn from(_: JwkError) -> Self {
        Self::Weak
    }
}

/// At least as long as the hash (RFC 7518 section 3.2).
const SHARED_SECRET_BYTES: std::ops::RangeInclusive<usize> = 32..=64;
