//! Keys inside a token: bound to their ring, and looking from outside as every other.

use std::sync::Arc;

use mintage_clock::{Randomness, Timestamp};
use mintage_jose::digest::sha256;
use mintage_jose::{CertificateError, Kid, RsaSize, UnsignedCertificate};
use mintage_pkcs11::{ObjectId, Token, TokenError, TokenSigner, Wanted};

use crate::domain::minting::Minted;
use crate::domain::{ApiId, FreshKey, Kept, ObjectName, RingName};

/// Makes a key for a ring inside `token`, under a name that was noted before. It blocks for as long as the device takes.
pub(super) fn make(
    ring: &RingName,
    name: &ObjectName,
    token: &Arc<Token>,
    (rsa, now): (RsaSize, Timestamp),
    randomness: &Randomness,
) -> Result<Minted, InTokenError> {
    let id = object_id(ring, name);
    let label = format!("mintage {ring}");
    let algorithm = ring.algorithm();
    let wanted = Wanted { id: &id, label: &label, algorithm, certificate: algorithm.in_certificates(), rsa };
    let jwk = token.make(&wanted)?;
    let kid = jwk.kid().clone();
    let signer = TokenSigner::open(token, id.clone(), algorithm, &kid)?;
    let certificate = UnsignedCertificate::new(jwk, now, randomness)?;
    let signature = signer.sign(certificate.algorithm(), certificate.to_be_signed())?;
    let jwk = certificate.signed(&signature)?;
    tracing::info!(%ring, %kid, token = token.label(), object_id = %id, "a key was made inside the token");
    let key = FreshKey { kid, jwk: Some(jwk.to_string().into()) };
    Ok(Minted { key, kept: Kept::InToken(name.clone()) })
}

/// What signs with a key of a ring.
pub(super) fn open(
    ring: &RingName,
    kid: &Kid,
    name: &ObjectName,
    token: &Arc<Token>,
) -> Result<TokenSigner, TokenError> {
    TokenSigner::open(token, object_id(ring, name), ring.algorithm(), kid)
}

/// What finds the key pair `name` of a ring: what is noted of one ring finds nothing for another. No part may hold a NUL.
pub(super) fn object_id(ring: &RingName, name: &ObjectName) -> ObjectId {
    let api = ring.api().map_or("", ApiId::as_str);
    let parts = ["mintage token object v1", ring.tenant().as_str(), ring.algorithm().as_str(), api, name.as_str()];
    let mut id = [0; 20];
    id.iter_mut().zip(sha256(parts.join("\0").as_bytes()).as_ref()).for_each(|(byte, from)| *byte = *from);
    ObjectId::new(id)
}

/// Why no key could be made inside a token.
#[derive(Debug, thiserror::Error)]
pub enum InTokenError {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The certificate.
    #[error("the key's certificate cannot be made")]
    Certificate(#[from] CertificateError),
}
