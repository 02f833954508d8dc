//! `application/x-www-form-urlencoded` text, decoded strictly.

use std::borrow::Cow;

/// Decodes `+` and percent-escapes. `None` when an escape is broken or the text is not UTF-8: a lenient reader would
/// make two different bodies say the same.
pub(super) fn decode(encoded: &[u8]) -> Option<Cow<'_, str>> {
    if !encoded.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return std::str::from_utf8(encoded).ok().map(Cow::Borrowed);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => escaped_byte([b'%', *rest.next()?, *rest.next()?])?,
            plain => *plain,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// The byte that `%` and two digits stand for.
pub(super) fn escaped_byte(escape: [u8; 3]) -> Option<u8> {
    let [b'%', high, low] = escape else { return None };
    Some(digit(high)? << 4 | digit(low)?)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_refused() {
        assert_eq!(decode(b"a+b%20c%2Bd").as_deref(), Some("a b c+d"));
        assert_eq!(decode("grün%C3%BC".as_bytes()).as_deref(), Some("grünü"));
        for broken in [&b"%"[..], b"%4", b"%zz", b"%C3", b"\xC3", b"a%+1"] {
            assert_eq!(decode(broken), None);
        }
    }
}
