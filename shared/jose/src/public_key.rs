//! Public keys that are strong enough to be believed; a weak one cannot be made.

use aws_lc_rs::digest::{SHA256, digest};
use p256::elliptic_curve::sec1::ToSec1Point;

use crate::base64url;
use crate::jwk::JwkError;
use crate::kid::Kid;

/// A public key that was checked when it was made (RFC 8725 section 3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Big-endian without leading zeros; 2048 to 4096 bits, an odd exponent of at least 65537.
    Rsa { modulus: Box<[u8]>, exponent: Box<[u8]> },
    /// The coordinates of a point on P-256 that is not the point at infinity.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// The canonical encoding of a point whose order is not small.
    Ed25519 { x: [u8; 32] },
}

impl PublicKey {
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, JwkError> {
        if [modulus, exponent].iter().any(|number| number.first().is_none_or(|first| *first == 0)) {
            return Err(JwkError::Member("n and e"));
        }
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        // Longer exponents and moduli only make verification slow.
        let exponent_value = exponent.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let exponent_fits = exponent.len() <= 4 && exponent_value >= 65537 && odd(exponent);
        if !RSA_BITS.contains(&bits) || !odd(modulus) || !exponent_fits {
            return Err(JwkError::Weak);
        }
        Ok(Self::Rsa { modulus: modulus.into(), exponent: exponent.into() })
    }

    pub(crate) fn p256(x: [u8; 32], y: [u8; 32]) -> Result<Self, JwkError> {
        p256::PublicKey::from_sec1_bytes(&uncompressed(&x, &y)).map_err(|_| JwkError::Weak)?;
        Ok(Self::P256 { x, y })
    }

    pub(crate) fn ed25519(x: [u8; 32]) -> Result<Self, JwkError> {
        let point = ed25519_dalek::VerifyingKey::from_bytes(&x).map_err(|_| JwkError::Weak)?;
        if point.is_weak() || point.to_edwards().compress().to_bytes() != x {
            return Err(JwkError::Weak);
        }
        Ok(Self::Ed25519 { x })
    }

    /// The public half of a P-256 key.
    pub(crate) fn of_p256(secret: &p256::SecretKey) -> Result<Self, JwkError> {
        let point = secret.public_key().to_sec1_point(false);
        match (point.x(), point.y()) {
            (Some(x), Some(y)) => Self::p256((*x).into(), (*y).into()),
            _ => Err(JwkError::Weak),
        }
    }

    /// What a JWK calls the kind of key and its parts, in the order of a thumbprint (RFC 7638 section 3.2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let named = |name: &str| name.to_owned();
        match self {
            Self::Rsa { modulus, exponent } => {
                vec![("e", base64url::encode(exponent)), ("kty", named("RSA")), ("n", base64url::encode(modulus))]
            }
            Self::P256 { x, y } => vec![
                ("crv", named("P-256")),
                ("kty", named("EC")),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ],
            Self::Ed25519 { x } => {
                vec![("crv", named("Ed25519")), ("kty", named("OKP")), ("x", base64url::encode(x))]
            }
        }
    }

    /// The SHA-256 thumbprint (RFC 7638; RFC 8037 section 2 for Ed25519).
    pub(crate) fn thumbprint(&self) -> Kid {
        let members: Vec<_> = self.members().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let canonical = format!("{{{}}}", members.join(","));
        Kid::of_base64url(&base64url::encode(digest(&SHA256, canonical.as_bytes()).as_ref()))
    }
}

/// A point as SEC 1 section 2.3.3 writes it.
pub(crate) fn uncompressed(x: &[u8; 32], y: &[u8; 32]) -> [u8; 65] {
    let mut point = [4; 65];
    let (_, coordinates) = point.split_at_mut(1);
    let (to_x, to_y) = coordinates.split_at_mut(32);
    to_x.copy_from_slice(x);
    to_y.copy_from_slice(y);
    point
}

const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
