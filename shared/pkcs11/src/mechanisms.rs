//! Algorithms in the words of PKCS#11.

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::object::{Attribute, KeyType};
use cryptoki::session::Session;
use cryptoki::types::Ulong;
use mintage_jose::digest::{sha256, sha384};
use mintage_jose::{Algorithm, RsaSize};

use super::TokenError;

/// How the keys of an algorithm are made.
pub(super) struct Making {
    pub(super) mechanism: Mechanism<'static>,
    pub(super) key_type: KeyType,
    /// What says how large, or on which curve; where tokens are not at one about it, each way.
    pub(super) parameters: Vec<Vec<Attribute>>,
}

/// How keys for `algorithm` are made; `None` for a secret that both sides hold, which is nothing for a token.
pub(super) fn making(algorithm: Algorithm, rsa: RsaSize) -> Option<Making> {
    use Algorithm::{EdDsa, Es256, Es384, Hs256, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let curve = |name: &[u8]| vec![Attribute::EcParams(name.to_vec())];
    let (mechanism, key_type, parameters) = match algorithm {
        Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512 => {
            let size = Attribute::ModulusBits(Ulong::from(u64::from(rsa.bits())));
            let exponent = Attribute::PublicExponent(vec![1, 0, 1]);
            (Mechanism::RsaPkcsKeyPairGen, KeyType::RSA, vec![vec![size, exponent]])
        }
        Es256 => (Mechanism::EccKeyPairGen, KeyType::EC, vec![curve(P256)]),
        Es384 => (Mechanism::EccKeyPairGen, KeyType::EC, vec![curve(P384)]),
        EdDsa => (Mechanism::EccEdwardsKeyPairGen, KeyType::EC_EDWARDS, vec![curve(ED25519), curve(ED25519_BY_NAME)]),
        Hs256 => return None,
    };
    Some(Making { mechanism, key_type, parameters })
}

/// What a token must do to sign with `algorithm`; `None` as above.
pub(super) fn signing(algorithm: Algorithm) -> Option<Mechanism<'static>> {
    use MechanismType as Hash;
    Some(match algorithm {
        Algorithm::Rs256 => Mechanism::Sha256RsaPkcs,
        Algorithm::Rs384 => Mechanism::Sha384RsaPkcs,
        Algorithm::Rs512 => Mechanism::Sha512RsaPkcs,
        Algorithm::Ps256 => Mechanism::Sha256RsaPkcsPss(pss(Hash::SHA256, PkcsMgfType::MGF1_SHA256, 32)),
        Algorithm::Ps384 => Mechanism::Sha384RsaPkcsPss(pss(Hash::SHA384, PkcsMgfType::MGF1_SHA384, 48)),
        Algorithm::Ps512 => Mechanism::Sha512RsaPkcsPss(pss(Hash::SHA512, PkcsMgfType::MGF1_SHA512, 64)),
        Algorithm::Es256 | Algorithm::Es384 => Mechanism::Ecdsa,
        Algorithm::EdDsa => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
        Algorithm::Hs256 => return None,
    })
}

/// The signature of `input`, as JWA has it: for ECDSA that is what PKCS#11 gives, the two numbers one after the other.
pub(super) fn sign(
    session: &Session,
    key: ObjectHandle,
    algorithm: Algorithm,
    input: &[u8],
) -> Result<Vec<u8>, TokenError> {
    let mechanism = signing(algorithm).ok_or(TokenError::Untrue("a shared secret is kept by no token"))?;
    Ok(match algorithm {
        // Few tokens hash for ECDSA; all sign what was hashed before.
        Algorithm::Es256 => session.sign(&mechanism, key, sha256(input).as_ref())?,
        Algorithm::Es384 => session.sign(&mechanism, key, sha384(input).as_ref())?,
        _ => session.sign(&mechanism, key, input)?,
    })
}

/// The salt is as long as the hash (RFC 7518 section 3.5).
fn pss(hash_alg: MechanismType, mgf: PkcsMgfType, salt: u64) -> PkcsPssParams {
    PkcsPssParams { hash_alg, mgf, s_len: Ulong::from(salt) }
}

/// The object identifiers of the curves in DER (RFC 5480 section 2.1.1.1, RFC 8410 section 3).
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// The other way that PKCS#11 3.0 has (section 2.3.5): a printable string.
const ED25519_BY_NAME: &[u8] = b"\x13\x0cedwards25519";
