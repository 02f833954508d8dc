//! Checking signatures.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};

use crate::algorithm::{Algorithm, Curve};
use crate::jwk::{Jwk, JwkError};
use crate::kid::Kid;
use crate::mac::{HmacKey, constant_time_eq, hmac_sha256};
use crate::private_key::{KeyError, PrivateKey};
use crate::public_key::{PublicKey, uncompressed};

/// Checks the signatures of one key, parsed once. What it verifies is the key's to say, never a token's.
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Kid,
    key: Key,
}

enum Key {
    Public(ParsedPublicKey),
    Shared(HmacKey),
}

impl VerifyingKey {
    /// The key that verifies what the owner of `jwk` signs.
    ///
    /// # Errors
    /// [`JwkError::Weak`] when the verifying library refuses the key.
    pub fn new(jwk: &Jwk) -> Result<Self, JwkError> {
        Self::with_algorithm(jwk, jwk.algorithm())
    }

    /// The key of `jwk` for what it signs besides tokens.
    pub(crate) fn with_algorithm(jwk: &Jwk, algorithm: Algorithm) -> Result<Self, JwkError> {
        let key = match jwk.public_key() {
            PublicKey::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .to_parsed_public_key(rsa_parameters(algorithm).ok_or(JwkError::Member("alg"))?),
            PublicKey::Ec { curve, x, y } => {
                let parameters = match curve {
                    Curve::P256 => &ECDSA_P256_SHA256_FIXED,
                    Curve::P384 => &ECDSA_P384_SHA384_FIXED,
                };
                ParsedPublicKey::new(parameters, uncompressed(x, y))
            }
            PublicKey::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x),
        };
        let key = Key::Public(key.map_err(|_| JwkError::Weak)?);
        Ok(Self { algorithm, kid: jwk.kid().clone(), key })
    }

    /// The key that verifies what `private` signs; the only one there is for [`Algorithm::Hs256`].
    ///
    /// # Errors
    /// [`KeyError::Weak`] when the verifying library refuses the key.
    pub fn of(private: &PrivateKey) -> Result<Self, KeyError> {
        match private.public_jwk() {
            Some(jwk) => Ok(Self::new(&jwk)?),
            None => Ok(Self {
                algorithm: private.algorithm(),
                kid: private.kid().clone(),
                key: Key::Shared(HmacKey::new(private.bytes())),
            }),
        }
    }

    /// What it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Checks that `signature` is this key's, over exactly the bytes of `signing_input`.
    ///
    /// # Errors
    /// [`InvalidSignature`] when it is not.
    pub fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let genuine = match &self.key {
            Key::Public(key) => key.verify_sig(signing_input, signature).is_ok(),
            Key::Shared(key) => constant_time_eq(&hmac_sha256(key, signing_input), signature),
        };
        if genuine { Ok(()) } else { Err(InvalidSignature) }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.algorithm, self.kid)
    }
}

/// The signature is not the key's, or not over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is invalid")]
pub struct InvalidSignature;

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa | Algorithm::Hs256 => None,
    }
}
