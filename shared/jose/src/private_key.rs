//! Private keys: made, stored and read back.

use std::fmt;

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use mintage_clock::Randomness;
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, Error as Pkcs8Error};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::jwk::{Jwk, JwkError};
use crate::kid::Kid;
use crate::public_key::PublicKey;

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
    /// Makes a new key: RSA of 2048 bits, P-256, Ed25519, or 32 random bytes for [`Algorithm::Hs256`].
    ///
    /// An RSA key takes tens of milliseconds, sometimes a quarter of a second: keep it off a request's path.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be encoded.
    pub fn generate(algorithm: Algorithm, randomness: &Randomness) -> Result<Self, KeyError> {
        let mut source = randomness.clone();
        let document = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                RsaPrivateKey::new(&mut source, RSA_BITS).map_err(|_| KeyError::Malformed)?.to_pkcs8_der()
            }
            Algorithm::Es256 => p256::SecretKey::generate_from_rng(&mut source).to_pkcs8_der(),
            Algorithm::EdDsa => {
                ed25519_dalek::SigningKey::from_bytes(&Zeroizing::new(randomness.bytes())).to_pkcs8_der()
            }
            Algorithm::Hs256 => return Ok(Self::generate_shared(randomness)),
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
    let public = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Malformed)?;
            let public = rsa::RsaPublicKey::from_pkcs1_der(pair.public_key().as_ref());
            let public = public.map_err(|_| KeyError::Malformed)?;
            PublicKey::rsa(&public.n_bytes(), &public.e_bytes())
        }
        Algorithm::Es256 => PublicKey::of_p256(&p256::SecretKey::from_pkcs8_der(pkcs8)?),
        Algorithm::EdDsa => {
            PublicKey::ed25519(ed25519_dalek::SigningKey::from_pkcs8_der(pkcs8)?.verifying_key().to_bytes())
        }
        Algorithm::Hs256 => return Err(KeyError::Malformed),
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

impl From<JwkError> for KeyError {
    fn from(_: JwkError) -> Self {
        Self::Weak
    }
}

const RSA_BITS: usize = 2048;

/// At least as long as the hash (RFC 7518 section 3.2).
const SHARED_SECRET_BYTES: std::ops::RangeInclusive<usize> = 32..=64;
