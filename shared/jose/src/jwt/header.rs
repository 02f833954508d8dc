//! The header of a token: what it claims about itself before anyone has checked.

use serde_json::{Map, Value};

use super::JwtError;
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json;
use crate::kid::Kid;

/// What a token's header says. Unchecked: it serves to find the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `alg`; counts only if the key is for it.
    pub algorithm: Algorithm,
    /// `typ`, as it stands.
    pub typ: Option<String>,
    /// `kid`.
    pub kid: Option<Kid>,
}

impl Header {
    /// Whether `typ` is `wanted`: without regard to case or to a leading `application/` (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn is_of_type(&self, wanted: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| bare_type(typ).eq_ignore_ascii_case(bare_type(wanted)))
    }

    pub(super) fn decode(encoded: &str) -> Result<Self, JwtError> {
        let members = base64url::decode(encoded).and_then(|bytes| json::object(&bytes)).ok_or(JwtError::Malformed)?;
        if let Some(name) = REFUSED_MEMBERS.into_iter().find(|name| members.contains_key(*name)) {
            return Err(JwtError::Header(name));
        }
        let algorithm = text(&members, "alg")?.and_then(|name| name.parse().ok()).ok_or(JwtError::Algorithm)?;
        let kid = text(&members, "kid")?.map(str::parse).transpose().map_err(|_| JwtError::Header("kid"))?;
        let typ = text(&members, "typ")?.map(str::to_owned);
        Ok(Self { algorithm, typ, kid })
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, JwtError> {
    members.get(name).map(|value| value.as_str().ok_or(JwtError::Header(name))).transpose()
}

fn bare_type(typ: &str) -> &str {
    match typ.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
        _ => typ,
    }
}

/// Extensions that are not understood (RFC 7515 section 4.1.11, RFC 7797), what belongs to encryption (RFC 7516), and
/// keys that would vouch for the very token they came in (RFC 8725 section 3.10).
const REFUSED_MEMBERS: [&str; 8] = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];
