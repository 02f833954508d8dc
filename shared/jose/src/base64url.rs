//! Base64url without padding (RFC 7515 section 2); one text for one value, so padding and stray bits are refused.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// The text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Appends the text of `bytes`.
pub(crate) fn encode_onto(text: &mut String, bytes: &[u8]) {
    ENGINE.encode_string(bytes, text);
}

/// The bytes of `text`, or nothing when another text would stand for the same bytes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// How long the text of `length` bytes is.
pub(crate) const fn encoded_len(length: usize) -> usize {
    length.saturating_mul(4).div_ceil(3)
}

static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
