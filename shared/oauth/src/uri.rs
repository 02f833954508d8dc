//! Addresses that a browser is sent to or loads from, in the one notation that all who read it read alike.

use std::str::FromStr;

use crate::text::text;
use crate::{Origin, OriginError};

text! {
    /// An absolute `https` URI (RFC 3986) of at most 2000 bytes, without user information and fragment.
    ///
    /// Scheme and host are in lower case. Nothing in it is read differently by two parsers of URLs: no dot segments, no
    /// backslash, no control character, space or non-ASCII, encoded or not; no `*`.
    pub struct HttpsUri else UriError;
}

impl HttpsUri {
    /// Where it leads.
    #[must_use]
    pub fn origin(&self) -> &str {
        origin_of(self.as_str())
    }
}

impl FromStr for HttpsUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let parts = Parts::of(text)?;
        if parts.scheme != "https" {
            return Err(UriError::NotHttps);
        }
        parts.origin()?;
        Ok(Self(text.into()))
    }
}

/// Why a text is no such URI. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Longer than 2000 bytes.
    #[error("the URI is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Something that RFC 3986 has no place for, or a `*`.
    #[error("the URI has a space, a control character, an asterisk or another character that no URI has")]
    Character,
    /// A percent sign without two hexadecimal digits, or one that hides a control character, a slash or a percent sign.
    #[error("the URI has a percent-encoding that is broken or hides what parsers read differently")]
    Encoding,
    /// A `#`.
    #[error("the URI has a fragment")]
    Fragment,
    /// Relative, without an authority, or with upper-case letters in its scheme.
    #[error("the URI does not start with a scheme in lower case, a colon and what that scheme needs next")]
    NotAbsolute,
    /// A name or password before the host.
    #[error("the URI has user information")]
    UserInformation,
    /// `.` or `..`, encoded or not.
    #[error("the URI has a `.` or `..` in its path")]
    DotSegment,
    /// A host or port that breaks the rule of an [`Origin`], or has upper-case letters.
    #[error("the host or port of the URI cannot be used: {0}")]
    Host(OriginError),
    /// Upper-case letters in the host, or an IPv6 address in a longer notation.
    #[error("the host of the URI is not in lower case or not in its shortest notation")]
    NotCanonical,
    /// Another scheme than `https`.
    #[error("the URI does not start with https://")]
    NotHttps,
    /// `http` to another host than `127.0.0.1`, `[::1]` and `localhost`.
    #[error("http is for 127.0.0.1, [::1] and localhost alone")]
    PlainHttp,
    /// Neither `https` nor `http`, nor one with a dot in it.
    #[error("the scheme is neither https, nor http, nor a private-use one with a dot in it (RFC 8252 section 7.1)")]
    Scheme,
}

/// A URI taken apart, its characters checked.
pub(crate) struct Parts<'a> {
    pub(crate) scheme: &'a str,
    /// Without the slashes before; absent: a path follows the scheme.
    authority: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Self, UriError> {
        check_characters(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(UriError::NotAbsolute)?;
        if !is_scheme(scheme) || !rest.starts_with('/') {
            return Err(UriError::NotAbsolute);
        }
        let (authority, tail) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let (authority, tail) = split_authority(rest);
                (Some(authority), tail)
            }
        };
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(UriError::UserInformation);
        }
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        check_path(path)?;
        check_query(query)?;
        Ok(Self { scheme, authority })
    }

    /// The origin of a URI that has one in canonical notation; a default port may be written out.
    pub(crate) fn origin(&self) -> Result<Origin, UriError> {
        let authority = self.authority.ok_or(UriError::NotAbsolute)?;
        let origin = Origin::from_parts(self.scheme, authority).map_err(UriError::Host)?;
        let host = origin.host();
        if authority.strip_prefix(host).is_none_or(|port| !port.is_empty() && !port.starts_with(':')) {
            return Err(UriError::NotCanonical);
        }
        Ok(origin)
    }

    /// Whether the authority, if there is one, has no more than letters, digits, `-`, `.` and `_`.
    pub(crate) fn has_plain_authority(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        self.authority.is_none_or(|authority| authority.bytes().all(plain))
    }
}

/// What stands before the path, the query and the fragment, and these.
pub(crate) fn split_authority(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

/// `scheme://authority` of a URI that has an authority.
pub(crate) fn origin_of(uri: &str) -> &str {
    let start = uri.find("://").map_or(0, |colon| colon + 3);
    let length = uri.get(start..).map_or(0, |rest| split_authority(rest).0.len());
    uri.get(..start + length).unwrap_or(uri)
}

fn check_characters(text: &str) -> Result<(), UriError> {
    if text.len() > MAX_LENGTH {
        return Err(UriError::TooLong);
    }
    if text.contains('#') {
        return Err(UriError::Fragment);
    }
    // RFC 3986 section 2, but for the asterisk: it stands for anything elsewhere, and here for nothing.
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()+,;=%".contains(&byte);
    if !text.bytes().all(fits) {
        return Err(UriError::Character);
    }
    Ok(())
}

fn is_scheme(scheme: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    scheme.starts_with(|first: char| first.is_ascii_lowercase()) && scheme.bytes().all(fits)
}

fn check_path(path: &str) -> Result<(), UriError> {
    let hidden = |byte: u8| byte.is_ascii_control() || byte >= 0x80 || matches!(byte, b'/' | b'\\' | b'%' | b'*');
    if path.contains(['[', ']']) {
        return Err(UriError::Character);
    }
    let decoded = decode(path)?;
    if decoded.iter().any(|(byte, encoded)| *encoded && hidden(*byte)) {
        return Err(UriError::Encoding);
    }
    let plain: Vec<u8> = decoded.into_iter().map(|(byte, _)| byte).collect();
    // Some servers cut off what follows a semicolon before they look at a segment.
    let name = |segment: &[u8]| segment.split(|byte| *byte == b';').next().map(<[u8]>::to_vec).unwrap_or_default();
    if plain.split(|byte| *byte == b'/').map(name).any(|name| name == b"." || name == b"..") {
        return Err(UriError::DotSegment);
    }
    Ok(())
}

fn check_query(query: &str) -> Result<(), UriError> {
    if decode(query)?.iter().any(|(byte, encoded)| *encoded && byte.is_ascii_control()) {
        return Err(UriError::Encoding);
    }
    Ok(())
}

/// Each byte, and whether it was percent-encoded.
fn decode(text: &str) -> Result<Vec<(u8, bool)>, UriError> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(UriError::Encoding);
            let (high, low) = (digit()?, digit()?);
            decoded.push(((high << 4 | low) as u8, true));
        } else {
            decoded.push((byte, false));
        }
    }
    Ok(decoded)
}

pub(crate) const MAX_LENGTH: usize = 2000;
