//! Public keys that are strong enough to be believed; a weak one cannot be made.

use aws_lc_rs::digest::{SHA256, digest};

use crate::algorithm::Curve;
use crate::base64url;
use crate::jwk::JwkError;
use crate::kid::Kid;

/// A public key that was checked when it was made (RFC 8725 section 3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Big-endian without leading zeros; 2048 to 4096 bits, an odd exponent of at least 65537.
    Rsa { modulus: Box<[u8]>, exponent: Box<[u8]> },
    /// The coordinates, of the curve's length, of a point on it that is not the point at infinity.
    Ec { curve: Curve, x: Box<[u8]>, y: Box<[u8]> },
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

    /// From coordinates of [`Curve::coordinate_length`].
    pub(crate) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, JwkError> {
        for (name, coordinate) in [("x", x), ("y", y)] {
            if coordinate.len() != curve.coordinate_length() {
                return Err(JwkError::Member(name));
            }
        }
        let point = uncompressed(x, y);
        let on_curve = match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(&point).is_ok(),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(&point).is_ok(),
        };
        if on_curve { Ok(Self::Ec { curve, x: x.into(), y: y.into() }) } else { Err(JwkError::Weak) }
    }

    pub(crate) fn ed25519(x: [u8; 32]) -> Result<Self, JwkError> {
        let point = ed25519_dalek::VerifyingKey::from_bytes(&x).map_err(|_| JwkError::Weak)?;
        if point.is_weak() || point.to_edwards().compress().to_bytes() != x {
            return Err(JwkError::Weak);
        }
        Ok(Self::Ed25519 { x })
    }

    /// From a point as [`uncompressed`] writes it.
    pub(crate) fn of_point(curve: Curve, point: &[u8]) -> Result<Self, JwkError> {
        let coordinates = point.strip_prefix(&[UNCOMPRESSED]).ok_or(JwkError::Weak)?;
        let (x, y) = coordinates.split_at_checked(curve.coordinate_length()).ok_or(JwkError::Weak)?;
        Self::ec(curve, x, y)
    }

    /// What a JWK calls the kind of key and its parts, in the order of a thumbprint (RFC 7638 section 3.2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let named = |name: &str| name.to_owned();
        match self {
            Self::Rsa { modulus, exponent } => {
                vec![("e", base64url::encode(exponent)), ("kty", named("RSA")), ("n", base64url::encode(modulus))]
            }
            Self::Ec { curve, x, y } => vec![
                ("crv", named(curve.name())),
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
pub(crate) fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[UNCOMPRESSED], x, y].concat()
}

/// Says that both coordinates follow.
const UNCOMPRESSED: u8 = 4;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
