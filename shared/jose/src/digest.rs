//! Hashes of what somebody else signs, and of what goes beside it.

use aws_lc_rs::digest as lc;

use crate::{Algorithm, base64url};

/// SHA-256 of `data` (FIPS 180-4).
#[must_use]
pub fn sha256(data: &[u8]) -> impl AsRef<[u8]> {
    lc::digest(&lc::SHA256, data)
}

/// SHA-384 of `data` (FIPS 180-4).
#[must_use]
pub fn sha384(data: &[u8]) -> impl AsRef<[u8]> {
    lc::digest(&lc::SHA384, data)
}

/// What ties a token or a code to the ID token beside it, signed with `algorithm`: the left half of its hash as base64url
/// (`at_hash` and `c_hash`, OpenID Connect Core 1.0 section 3.3.2.11).
#[must_use]
pub fn left_half(algorithm: Algorithm, text: &str) -> String {
    let function = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 | Algorithm::Hs256 => &lc::SHA256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &lc::SHA384,
        // Ed25519 hashes with it inside.
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => &lc::SHA512,
    };
    let hash = lc::digest(function, text.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    base64url::encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of OpenID Connect Core 1.0 appendix A.3.
    #[test]
    fn the_example_of_the_standard_hashes_as_it_says() {
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(left_half(Algorithm::Rs256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn the_hash_is_as_long_as_the_algorithm_says() {
        for (algorithm, length) in [(Algorithm::Es256, 22), (Algorithm::Es384, 32), (Algorithm::Rs512, 43)] {
            assert_eq!(left_half(algorithm, "x").len(), length);
        }
    }
}
