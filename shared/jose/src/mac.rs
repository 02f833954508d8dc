//! Keyed hashes, and comparison that takes as long whatever differs.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};

/// A key of HMAC-SHA-256, ready for use; wiped when dropped.
#[derive(Clone)]
pub struct HmacKey(Box<hmac::Key>);

impl HmacKey {
    /// From the secret; 32 bytes of entropy are enough and fewer are not.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(redacted)")
    }
}

/// HMAC-SHA-256 (RFC 2104) of `data`.
#[must_use]
pub fn hmac_sha256(key: &HmacKey, data: &[u8]) -> [u8; 32] {
    let mut tag = [0; 32];
    tag.copy_from_slice(hmac::sign(&key.0, data).as_ref());
    tag
}

/// Whether both are the same; the time depends on their lengths alone.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}
