//! What a certificate is made of, in DER (RFC 5280 section 4.1).

use std::time::Duration;

use der::asn1::{
    AnyRef, BitStringRef, GeneralizedTime, IntRef, ObjectIdentifier, OctetStringRef, SetOfVec, UintRef, UtcTime,
    Utf8StringRef,
};
use der::{Choice, Decode, Encode, Error, ErrorKind, Sequence, ValueOrd};
use mintage_clock::{Randomness, Timestamp};

use crate::algorithm::{Algorithm, Curve};
use crate::jwk::Jwk;
use crate::public_key::{PublicKey, uncompressed};

/// What the owner of `jwk` signs with `algorithm` to have a certificate.
pub(super) fn to_be_signed(
    jwk: &Jwk,
    algorithm: Algorithm,
    now: Timestamp,
    randomness: &Randomness,
) -> Result<Vec<u8>, Error> {
    let (serial, name, validity) = (serial_number(randomness), name(jwk.kid().as_str())?, validity(now)?);
    let (signature, public_key) = (signature_algorithm(algorithm)?, key_info(jwk.public_key())?);
    let extensions = extensions()?;
    let unsigned = Unsigned {
        version: THIRD_VERSION,
        serial: IntRef::new(&serial)?,
        signature: AnyRef::from_der(&signature)?,
        issuer: AnyRef::from_der(&name)?,
        validity: AnyRef::from_der(&validity)?,
        subject: AnyRef::from_der(&name)?,
        public_key: AnyRef::from_der(&public_key)?,
        issuer_id: None,
        subject_id: None,
        extensions: Some(AnyRef::from_der(&extensions)?),
    };
    unsigned.to_der()
}

/// The certificate that `signature`, written as in a JWS, makes of what was to be signed.
pub(super) fn certificate(to_be_signed: &[u8], algorithm: Algorithm, signature: &[u8]) -> Result<Vec<u8>, Error> {
    let signature = match algorithm {
        Algorithm::Es256 => {
            p256::ecdsa::Signature::from_slice(signature).map_err(malformed)?.to_der().as_bytes().to_vec()
        }
        Algorithm::Es384 => {
            p384::ecdsa::Signature::from_slice(signature).map_err(malformed)?.to_der().as_bytes().to_vec()
        }
        _ => signature.to_vec(),
    };
    let algorithm = signature_algorithm(algorithm)?;
    let signed = Signed {
        unsigned: Unsigned::from_der(to_be_signed)?,
        algorithm: AnyRef::from_der(&algorithm)?,
        signature: BitStringRef::from_bytes(&signature)?,
    };
    signed.to_der()
}

/// The SubjectPublicKeyInfo of the key that a certificate holds.
pub(super) fn held_key(certificate: &[u8]) -> Result<Vec<u8>, Error> {
    Signed::from_der(certificate)?.unsigned.public_key.to_der()
}

/// The SubjectPublicKeyInfo of a key (RFC 3279 section 2.3, RFC 5480 section 2.1.1, RFC 8410 section 4).
pub(super) fn key_info(key: &PublicKey) -> Result<Vec<u8>, Error> {
    let (oid, parameters, key) = match key {
        PublicKey::Rsa { modulus, exponent } => {
            let numbers = [UintRef::new(modulus)?, UintRef::new(exponent)?];
            (RSA_ENCRYPTION, Some(AnyRef::NULL), numbers.to_der()?)
        }
        PublicKey::Ec { curve, x, y } => {
            let curve = match curve {
                Curve::P256 => &SECP256R1,
                Curve::P384 => &SECP384R1,
            };
            (EC_PUBLIC_KEY, Some(AnyRef::from(curve)), uncompressed(x, y))
        }
        PublicKey::Ed25519 { x } => (ED25519, None, x.to_vec()),
    };
    KeyInfo { algorithm: Identifier { oid, parameters }, key: BitStringRef::from_bytes(&key)? }.to_der()
}

/// RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3.
fn signature_algorithm(algorithm: Algorithm) -> Result<Vec<u8>, Error> {
    let (oid, parameters) = match algorithm {
        Algorithm::Rs256 => (SHA256_WITH_RSA, Some(AnyRef::NULL)),
        Algorithm::Rs384 => (SHA384_WITH_RSA, Some(AnyRef::NULL)),
        Algorithm::Rs512 => (SHA512_WITH_RSA, Some(AnyRef::NULL)),
        Algorithm::Es256 => (ECDSA_WITH_SHA256, None),
        Algorithm::Es384 => (ECDSA_WITH_SHA384, None),
        Algorithm::EdDsa => (ED25519, None),
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 | Algorithm::Hs256 => {
            return Err(ErrorKind::Failed.into());
        }
    };
    Identifier { oid, parameters }.to_der()
}

/// A name of nothing but a common name.
fn name(text: &str) -> Result<Vec<u8>, Error> {
    let attribute = Attribute { oid: COMMON_NAME, value: Utf8StringRef::new(text)? };
    [SetOfVec::try_from([attribute])?].to_der()
}

/// 127 random bits behind one that is set: a positive number of 16 bytes, whatever is drawn.
fn serial_number(randomness: &Randomness) -> [u8; 16] {
    let mut serial: [u8; 16] = randomness.bytes();
    if let Some(first) = serial.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    serial
}

fn validity(now: Timestamp) -> Result<Vec<u8>, Error> {
    [Time::of(now - BEFORE)?, Time::of(now + LIFE)?].to_der()
}

fn extensions() -> Result<Vec<u8>, Error> {
    let usage = Extension { oid: KEY_USAGE, critical: true, value: OctetStringRef::new(&DIGITAL_SIGNATURE)? };
    [usage].to_der()
}

fn malformed<E>(_: E) -> Error {
    ErrorKind::Failed.into()
}

#[derive(Sequence)]
struct Signed<'a> {
    unsigned: Unsigned<'a>,
    algorithm: AnyRef<'a>,
    signature: BitStringRef<'a>,
}

#[derive(Sequence)]
struct Unsigned<'a> {
    #[asn1(context_specific = "0", default = "first_version")]
    version: u8,
    serial: IntRef<'a>,
    signature: AnyRef<'a>,
    issuer: AnyRef<'a>,
    validity: AnyRef<'a>,
    subject: AnyRef<'a>,
    public_key: AnyRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    issuer_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    subject_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "3", optional = "true")]
    extensions: Option<AnyRef<'a>>,
}

const fn first_version() -> u8 {
    0
}

#[derive(Sequence)]
struct Identifier<'a> {
    oid: ObjectIdentifier,
    #[asn1(optional = "true")]
    parameters: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
struct KeyInfo<'a> {
    algorithm: Identifier<'a>,
    key: BitStringRef<'a>,
}

#[derive(Sequence, ValueOrd)]
struct Attribute<'a> {
    oid: ObjectIdentifier,
    value: Utf8StringRef<'a>,
}

#[derive(Sequence)]
struct Extension<'a> {
    oid: ObjectIdentifier,
    critical: bool,
    value: &'a OctetStringRef,
}

#[derive(Choice)]
enum Time {
    #[asn1(type = "UTCTime")]
    Short(UtcTime),
    #[asn1(type = "GeneralizedTime")]
    Long(GeneralizedTime),
}

impl Time {
    /// Two digits of the year up to 2049, four from then on (RFC 5280 section 4.1.2.5).
    fn of(instant: Timestamp) -> Result<Self, Error> {
        let since = Duration::from_secs(u64::try_from(instant.unix_seconds()).map_err(malformed)?);
        UtcTime::from_unix_duration(since)
            .map(Self::Short)
            .or_else(|_| GeneralizedTime::from_unix_duration(since).map(Self::Long))
    }
}

const THIRD_VERSION: u8 = 2;

/// For verifiers whose clock is behind.
const BEFORE: Duration = Duration::from_hours(1);
const LIFE: Duration = Duration::from_hours(20 * 365 * 24);

/// The first bit alone, as a BIT STRING.
const DIGITAL_SIGNATURE: [u8; 4] = [0x03, 0x02, 0x07, 0x80];

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
