//! The claims of a token whose signature was checked.

use mintage_clock::Timestamp;
use serde_json::{Map, Value};

use super::{Expectations, JwtError, MAX_LEEWAY};

/// The claims of a verified token.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    issuer: String,
    subject: String,
    audiences: Vec<String>,
    expires_at: Timestamp,
    issued_at: Timestamp,
    not_before: Option<Timestamp>,
    members: Map<String, Value>,
}

impl Claims {
    /// `iss`: who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: on whose behalf it speaks.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `aud`: whom it is for; one entry when it is a plain string.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// `exp`: from when on it is refused.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `iat`: when it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// `scope`: what it allows, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.get("scope")?.as_str()
    }

    /// The client that asked for it: `client_id` (RFC 9068), else `azp`.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.get("client_id").or_else(|| self.get("azp"))?.as_str()
    }

    /// Any claim, by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    pub(super) fn parse(members: Map<String, Value>) -> Result<Self, JwtError> {
        for name in ["scope", "client_id", "azp"] {
            text(&members, name)?;
        }
        Ok(Self {
            issuer: required(text(&members, "iss")?, "iss")?.to_owned(),
            subject: required(text(&members, "sub")?, "sub")?.to_owned(),
            audiences: audiences(&members)?,
            expires_at: required(instant(&members, "exp")?, "exp")?,
            issued_at: required(instant(&members, "iat")?, "iat")?,
            not_before: instant(&members, "nbf")?,
            members,
        })
    }

    /// `exp` is the first instant at which the token is refused (RFC 7519 section 4.1.4), `nbf` the first at which it
    /// is not; leeway moves both.
    pub(super) fn check(&self, expected: &Expectations<'_>) -> Result<(), JwtError> {
        let leeway = expected.leeway.min(MAX_LEEWAY);
        let latest_start = expected.now + leeway;
        if expected.issuer.is_some_and(|issuer| issuer != self.issuer) {
            Err(JwtError::Issuer)
        } else if !self.audiences.iter().any(|audience| audience == expected.audience) {
            Err(JwtError::Audience)
        } else if self.expires_at + leeway <= expected.now {
            Err(JwtError::Expired)
        } else if self.issued_at > latest_start || self.not_before.is_some_and(|start| start > latest_start) {
            Err(JwtError::NotYetValid)
        } else {
            Ok(())
        }
    }
}

fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, JwtError> {
    claim.ok_or(JwtError::Claim(name))
}

/// A claim that must be text if it is there; the empty text says nothing and is refused.
fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, JwtError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    match value.as_str() {
        Some("") if name != "scope" => Err(JwtError::Claim(name)),
        Some(text) => Ok(Some(text)),
        None => Err(JwtError::Claim(name)),
    }
}

/// A string or an array of strings (RFC 7519 section 4.1.3).
fn audiences(members: &Map<String, Value>) -> Result<Vec<String>, JwtError> {
    let audiences = match members.get("aud") {
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(several)) => several.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    audiences.ok_or(JwtError::Claim("aud"))
}

/// A NumericDate (RFC 7519 section 2), which may have a fraction; from the epoch to the end of the year 9999.
fn instant(members: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, JwtError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| (0.0..=END_OF_TIME).contains(seconds));
    let seconds = seconds.ok_or(JwtError::Claim(name))?;
    Ok(Some(Timestamp::from_unix_millis((seconds * 1000.0).floor() as i64)))
}

/// 9999-12-31T23:59:59Z, the last instant that RFC 3339 can write.
const END_OF_TIME: f64 = 253_402_300_799.0;
