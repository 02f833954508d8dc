//! Public halves, as tokens tell them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use mintage_jose::{Algorithm, Jwk};

use super::{ObjectId, TokenError};

/// The public half of a key with its thumbprint for a name, and how many bytes its signatures have.
pub(super) fn public_half(
    session: &Session,
    id: &ObjectId,
    algorithm: Algorithm,
    label: impl Fn() -> String,
) -> Result<(Jwk, usize), TokenError> {
    let wanted = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Id(id.bytes().to_vec())];
    let [public] = *session.find_objects(&wanted)? else { return Err(TokenError::NotHeld { label: label() }) };
    let (members, signature_length) = match algorithm {
        Algorithm::Es256 => (curve("EC", "P-256", &point(session, public, 65)?), 64),
        Algorithm::Es384 => (curve("EC", "P-384", &point(session, public, 97)?), 96),
        Algorithm::EdDsa => (curve("OKP", "Ed25519", &point(session, public, 32)?), 64),
        _ => rsa(session, public)?,
    };
    // A key of a JWK without a `kid` has its thumbprint for one.
    let jwk: Result<Jwk, _> = format!(r#"{{{members},"alg":"{algorithm}"}}"#).parse();
    Ok((jwk.map_err(|_| TokenError::Untrue("its public half is no key"))?, signature_length))
}

fn rsa(session: &Session, public: ObjectHandle) -> Result<(String, usize), TokenError> {
    let (mut modulus, mut exponent) = (Vec::new(), Vec::new());
    for part in session.get_attributes(public, &[AttributeType::Modulus, AttributeType::PublicExponent])? {
        match part {
            Attribute::Modulus(number) => modulus = without_zeros(&number),
            Attribute::PublicExponent(number) => exponent = without_zeros(&number),
            _ => {}
        }
    }
    let members = format!(r#""kty":"RSA","n":"{}","e":"{}""#, encoded(&modulus), encoded(&exponent));
    Ok((members, modulus.len()))
}

/// A point of `length` bytes: in an OCTET STRING, as PKCS#11 has it, or bare, as some tokens do.
fn point(session: &Session, public: ObjectHandle, length: usize) -> Result<Vec<u8>, TokenError> {
    let told = session.get_attributes(public, &[AttributeType::EcPoint])?;
    let Some(Attribute::EcPoint(point)) = told.into_iter().next() else {
        return Err(TokenError::Untrue("it does not tell a public half"));
    };
    of_length(&point, length).map(<[u8]>::to_vec).ok_or(TokenError::Untrue("its public half is no point"))
}

/// Only the length tells: a bare point may begin as an OCTET STRING does.
fn of_length(told: &[u8], length: usize) -> Option<&[u8]> {
    if told.len() == length {
        return Some(told);
    }
    let octets = told.strip_prefix(&[OCTET_STRING, u8::try_from(length).ok()?])?;
    (octets.len() == length).then_some(octets)
}

/// `x` and, of a point that is written with both coordinates (SEC 1 section 2.3.3), `y`.
fn curve(kty: &str, crv: &str, point: &[u8]) -> String {
    let coordinates = point.strip_prefix(&[UNCOMPRESSED]).filter(|_| kty == "EC");
    match coordinates.map(|both| both.split_at(both.len() / 2)) {
        Some((x, y)) => format!(r#""kty":"{kty}","crv":"{crv}","x":"{}","y":"{}""#, encoded(x), encoded(y)),
        None => format!(r#""kty":"{kty}","crv":"{crv}","x":"{}""#, encoded(point)),
    }
}

fn without_zeros(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

const OCTET_STRING: u8 = 4;
const UNCOMPRESSED: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_point_that_begins_as_an_octet_string_does_is_a_point() {
        for length in [32, 65, 97_u8] {
            let mut bare = vec![7; length.into()];
            bare[..2].copy_from_slice(&[OCTET_STRING, length]);
            assert_eq!(of_length(&bare, length.into()), Some(&*bare), "{length}");
            let mut shorter = bare.clone();
            shorter[1] = length - 2;
            assert_eq!(of_length(&shorter, length.into()), Some(&*shorter), "it says how much follows: {length}");
            let wrapped = [&[OCTET_STRING, length], &*bare].concat();
            assert_eq!(of_length(&wrapped, length.into()), Some(&*bare), "{length}");
        }
    }

    #[test]
    fn what_is_longer_or_shorter_or_wrapped_in_something_else_is_no_point() {
        let wrapped = |tag, says, holds| [vec![tag, says], vec![7; holds]].concat();
        let wrong =
            [vec![], vec![7; 31], vec![7; 33], vec![7; 34], wrapped(4, 32, 31), wrapped(4, 32, 33), wrapped(3, 32, 32)];
        for told in wrong {
            assert_eq!(of_length(&told, 32), None, "{told:?}");
        }
    }
}
