//! Reading tokens (RFC 7519) under the rules of RFC 8725: strict form, one algorithm a key, every claim checked.
//!
//! [`decode_header`] tells which key a token claims; [`verify`] believes the token once that key says so.

mod claims;
mod error;
mod header;

use std::time::Duration;

use mintage_clock::Timestamp;

use crate::base64url::{self, encoded_len};
use crate::json;
use crate::kid;
use crate::signer::MAX_SIGNATURE;
use crate::verifying_key::VerifyingKey;

pub use claims::Claims;
pub use error::JwtError;
pub use header::Header;

/// The longest token that is read or made, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The longest payload that becomes no longer token than [`MAX_TOKEN_BYTES`], whichever key signs it as `JWT` or `at+jwt`:
/// what is left beside two dots, the longest header and the longest signature, read back from base64url.
pub const MAX_PAYLOAD_BYTES: usize =
    (MAX_TOKEN_BYTES - 2 - encoded_len(LONGEST_HEADER) - encoded_len(MAX_SIGNATURE)) / 4 * 3;

/// Every name of an algorithm has five letters at most.
const LONGEST_HEADER: usize = r#"{"alg":"RS256","typ":"at+jwt","kid":""}"#.len() + kid::MAX_LENGTH;

/// The longest leeway that counts; a longer one is cut to this.
pub const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// What a token must say to be accepted.
#[derive(Clone, Copy, Debug)]
pub struct Expectations<'a> {
    /// The exact `iss`; without it any issuer passes, so the key must be known to be the right one's.
    pub issuer: Option<&'a str>,
    /// What `aud` must be or contain, exactly.
    pub audience: &'a str,
    /// The header types that pass, such as `at+jwt`; a token without one never does.
    pub typ: &'a [&'a str],
    /// The time.
    pub now: Timestamp,
    /// How far clocks may stand apart; counts at both ends, and no more than [`MAX_LEEWAY`].
    pub leeway: Duration,
}

/// Reads the header of a token, whose signature is not yet checked: it serves to find the key, and nothing else.
///
/// # Errors
/// [`JwtError`] when the token is no compact JWS, or its header asks for what is never done.
pub fn decode_header(token: &str) -> Result<Header, JwtError> {
    Header::decode(Parts::split(token)?.header)
}

/// Checks everything about a token, in this order: form, type, algorithm and key, signature, claims.
///
/// # Errors
/// [`JwtError`] names the first thing that is wrong.
pub fn verify(token: &str, key: &VerifyingKey, expected: &Expectations<'_>) -> Result<Claims, JwtError> {
    let claims = authentic(token, key, expected.typ)?;
    claims.check(expected)?;
    Ok(claims)
}

/// Checks a token that is shown again to say what once was so: form, type, algorithm and key, signature, issuer. Whom it was
/// for and until when is not asked (OpenID Connect RP-Initiated Logout 1.0 section 4); it is no proof of anything now.
///
/// # Errors
/// [`JwtError`] names the first thing that is wrong.
pub fn verify_hint(token: &str, key: &VerifyingKey, issuer: &str, typ: &[&str]) -> Result<Claims, JwtError> {
    let claims = authentic(token, key, typ)?;
    if claims.issuer() == issuer { Ok(claims) } else { Err(JwtError::Issuer) }
}

/// The claims of a token whose signature is the key's.
fn authentic(token: &str, key: &VerifyingKey, typ: &[&str]) -> Result<Claims, JwtError> {
    let parts = Parts::split(token)?;
    let header = Header::decode(parts.header)?;
    if !typ.iter().any(|typ| header.is_of_type(typ)) {
        return Err(JwtError::Type);
    }
    if header.algorithm != key.algorithm() || header.kid.as_ref().is_some_and(|kid| kid != key.kid()) {
        return Err(JwtError::Key);
    }
    let signature = base64url::decode(parts.signature).ok_or(JwtError::Malformed)?;
    key.verify(parts.signing_input.as_bytes(), &signature).map_err(|_| JwtError::Signature)?;
    let payload = base64url::decode(parts.payload).ok_or(JwtError::Malformed)?;
    Claims::parse(json::object(&payload).ok_or(JwtError::Malformed)?)
}

/// A compact JWS (RFC 7515 section 7.1), still encoded.
struct Parts<'a> {
    signing_input: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// The five parts of a JWE leave a dot in the payload, which base64url has not.
    fn split(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwtError::Malformed)?;
        if payload.contains('.') {
            return Err(JwtError::Malformed);
        }
        Ok(Self { signing_input, header, payload, signature })
    }
}
