//! The name of a claim that operators choose.

use std::str::FromStr;

use crate::text::text;
use crate::{Origin, is_reserved_claim};

text! {
    /// A collision-resistant claim name (RFC 7519 section 4.2): an absolute `http` or `https` URL of at most 255
    /// characters, outside the namespaces that Auth0 keeps for itself. It is kept as it was written.
    pub struct ClaimName else ClaimNameError;
}

impl FromStr for ClaimName {
    type Err = ClaimNameError;

    fn from_str(text: &str) -> Result<Self, ClaimNameError> {
        if is_reserved_claim(text) {
            return Err(ClaimNameError::Reserved);
        }
        if text.len() > MAX_LENGTH {
            return Err(ClaimNameError::TooLong);
        }
        let origin = origin_of_url(text).ok_or(ClaimNameError::NotUrl)?;
        if FOREIGN_NAMESPACES.iter().any(|namespace| is_under(origin.host(), namespace)) {
            return Err(ClaimNameError::ForeignNamespace);
        }
        Ok(Self(text.into()))
    }
}

/// Why a text is no claim name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimNameError {
    /// The suite itself sets this claim.
    #[error("the claim name is reserved")]
    Reserved,
    /// More than 255 characters.
    #[error("the claim name is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Not an absolute `http` or `https` URL.
    #[error("the claim name is not an absolute http or https URL")]
    NotUrl,
    /// Under auth0.com, webtask.io or webtask.run.
    #[error("the claim name is in a namespace that belongs to somebody else")]
    ForeignNamespace,
}

/// The origin of an absolute URL (RFC 3986 section 4.3, with or without a fragment), if it is one.
fn origin_of_url(text: &str) -> Option<Origin> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    is_tail(tail).then(|| Origin::from_parts(scheme, authority).ok())?
}

/// Whether path, query and fragment have only characters of RFC 3986 appendix A.
fn is_tail(tail: &str) -> bool {
    let mut bytes = tail.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            }
            _ => byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    tail.bytes().filter(|byte| *byte == b'#').count() <= 1
}

fn is_under(host: &str, namespace: &str) -> bool {
    host.strip_suffix(namespace).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

const MAX_LENGTH: usize = 255;
const FOREIGN_NAMESPACES: &[&str] = &["auth0.com", "webtask.io", "webtask.run"];
const PUNCTUATION: &[u8] = b"-._~:/?#@!$&'()*+,;=";
