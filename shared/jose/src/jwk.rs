//! Public keys as JSON (RFC 7517).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Curve};
use crate::base64url;
use crate::certificate::Certificate;
use crate::json;
use crate::kid::Kid;
use crate::public_key::PublicKey;

/// A public key that is strong enough to be believed, with its id and the one algorithm it verifies.
///
/// `Display` and `Serialize` write it as JSON: `kty`, `use`, `alg`, `kid`, the public parts, and its certificate if it has
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    kid: Kid,
    algorithm: Algorithm,
    key: PublicKey,
    certificate: Option<Certificate>,
}

impl Jwk {
    pub(crate) const fn new(kid: Kid, algorithm: Algorithm, key: PublicKey) -> Self {
        Self { kid, algorithm, key, certificate: None }
    }

    pub(crate) fn with_certificate(self, certificate: Certificate) -> Self {
        Self { certificate: Some(certificate), ..self }
    }

    /// Its id: the `kid` it came with, else its thumbprint.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// What it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Kid {
        self.key.thumbprint()
    }

    pub(crate) const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkError::Private);
        }
        check_usage(members)?;
        let key = public_key(members)?;
        let algorithm = algorithm(members, &key)?;
        let kid = match text(members, "kid")? {
            Some(kid) => kid.parse().map_err(|_| JwkError::Member("kid"))?,
            None => key.thumbprint(),
        };
        let certificate = certificate(members, &key)?;
        Ok(Self { kid, algorithm, key, certificate })
    }

    fn members(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let usage = [("use", "sig".to_owned()), ("alg", self.algorithm.to_string()), ("kid", self.kid.to_string())];
        let (kind, parts): (Vec<_>, Vec<_>) = self.key.members().into_iter().partition(|(name, _)| *name == "kty");
        let texts = kind.into_iter().chain(usage).chain(parts).map(|(name, text)| (name, Value::from(text)));
        let certificate = self.certificate.iter().flat_map(|certificate| {
            [("x5c", Value::from(vec![certificate.to_base64()])), ("x5t#S256", Value::from(certificate.thumbprint()))]
        });
        texts.chain(certificate)
    }
}

impl FromStr for Jwk {
    type Err = JwkError;

    /// Reads a public signing key. Unknown members are ignored, private ones refused.
    fn from_str(text: &str) -> Result<Self, JwkError> {
        if text.len() > MAX_JWK_BYTES {
            return Err(JwkError::Malformed);
        }
        Self::from_members(&json::object(text.as_bytes()).ok_or(JwkError::Malformed)?)
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        target.collect_map(self.members())
    }
}

impl fmt::Display for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// A set of public keys (RFC 7517 section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// In the order of the document.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// The key that `kid` names.
    #[must_use]
    pub fn get(&self, kid: &Kid) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}

impl FromStr for JwkSet {
    type Err = JwkError;

    /// Reads a set of at most 128 keys. Keys of kinds, curves and uses that are not supported are left out, as RFC 7517
    /// section 5 says; a key that is broken, weak or private, or two of one id, refuse the whole set.
    fn from_str(text: &str) -> Result<Self, JwkError> {
        if text.len() > MAX_SET_BYTES {
            return Err(JwkError::Malformed);
        }
        let members = json::object(text.as_bytes()).ok_or(JwkError::Malformed)?;
        let listed = members.get("keys").and_then(Value::as_array).ok_or(JwkError::Member("keys"))?;
        if listed.len() > MAX_SET_KEYS {
            return Err(JwkError::Member("keys"));
        }
        let mut set = Self::default();
        for entry in listed {
            match Jwk::from_members(entry.as_object().ok_or(JwkError::Malformed)?) {
                Ok(key) if set.get(key.kid()).is_some() => return Err(JwkError::Member("kid")),
                Ok(key) => set.keys.push(key),
                Err(JwkError::Unsupported) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(set)
    }
}

/// Why some JSON is no public key to verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// It is too long, no JSON object, nested too deep or names a member twice.
    #[error("the key is no JSON object with distinct members")]
    Malformed,
    /// A member is missing or is not what the RFC says.
    #[error("`{0}` of the key is missing or malformed")]
    Member(&'static str),
    /// It carries a private key; whoever sent it has published it.
    #[error("the key carries its private half")]
    Private,
    /// Its kind, curve, algorithm or use is not supported.
    #[error("the kind of key is not supported")]
    Unsupported,
    /// It is too weak, too large, or no point of its curve.
    #[error("the key is too weak or out of range")]
    Weak,
}

/// Refuses a key that is not there to verify with (RFC 7517 sections 4.2 and 4.3).
fn check_usage(members: &Map<String, Value>) -> Result<(), JwkError> {
    if text(members, "use")?.is_some_and(|usage| usage != "sig") {
        return Err(JwkError::Unsupported);
    }
    match members.get("key_ops").map(Value::as_array) {
        None => Ok(()),
        Some(Some(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(Some(_)) => Err(JwkError::Unsupported),
        Some(None) => Err(JwkError::Member("key_ops")),
    }
}

fn public_key(members: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let kind = text(members, "kty")?.ok_or(JwkError::Member("kty"))?;
    match (kind, text(members, "crv")?) {
        ("RSA", _) => PublicKey::rsa(&bytes(members, "n")?, &bytes(members, "e")?),
        ("EC", Some("P-256")) => PublicKey::ec(Curve::P256, &bytes(members, "x")?, &bytes(members, "y")?),
        ("EC", Some("P-384")) => PublicKey::ec(Curve::P384, &bytes(members, "x")?, &bytes(members, "y")?),
        ("OKP", Some("Ed25519")) => {
            PublicKey::ed25519(bytes(members, "x")?.try_into().map_err(|_| JwkError::Member("x"))?)
        }
        ("EC" | "OKP", None) => Err(JwkError::Member("crv")),
        _ => Err(JwkError::Unsupported),
    }
}

/// An elliptic curve implies the algorithm; an RSA key must say which padding and hash it is for.
fn algorithm(members: &Map<String, Value>, key: &PublicKey) -> Result<Algorithm, JwkError> {
    let named = text(members, "alg")?.map(|name| name.parse().map_err(|_| JwkError::Unsupported)).transpose()?;
    match (key, named) {
        (PublicKey::Rsa { .. }, Some(algorithm)) if Algorithm::is_rsa(algorithm) => Ok(algorithm),
        (PublicKey::Ec { curve, .. }, named) if named.is_none_or(|named| named == curve.algorithm()) => {
            Ok(curve.algorithm())
        }
        (PublicKey::Ed25519 { .. }, Some(Algorithm::EdDsa) | None) => Ok(Algorithm::EdDsa),
        _ => Err(JwkError::Member("alg")),
    }
}

/// The certificate, which must hold the very key (RFC 7517 section 4.7) and be the one of the thumbprint. Those that would
/// vouch for it are not looked at: nobody is believed because of them.
fn certificate(members: &Map<String, Value>, key: &PublicKey) -> Result<Option<Certificate>, JwkError> {
    let Some(chain) = members.get("x5c") else { return Ok(None) };
    let first = chain.as_array().and_then(|chain| chain.first()?.as_str());
    let certificate = first.and_then(|first| Certificate::read(first, key)).ok_or(JwkError::Member("x5c"))?;
    match text(members, "x5t#S256")? {
        Some(thumbprint) if thumbprint != certificate.thumbprint() => Err(JwkError::Member("x5t#S256")),
        _ => Ok(Some(certificate)),
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, JwkError> {
    members.get(name).map(|value| value.as_str().ok_or(JwkError::Member(name))).transpose()
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    text(members, name)?.and_then(base64url::decode).ok_or(JwkError::Member(name))
}

/// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const MAX_JWK_BYTES: usize = 16 * 1024;
/// Room for as many keys of 4096 bits with their certificates.
const MAX_SET_BYTES: usize = 512 * 1024;
const MAX_SET_KEYS: usize = 128;
