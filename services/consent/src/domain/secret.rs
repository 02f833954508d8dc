//! What the service hands out to be shown again: 256 random bits each, kept only as a keyed hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_clock::Randomness;
use mintage_jose::mac::{HmacKey, constant_time_eq, hmac_sha256};
use zeroize::Zeroizing;

/// What a secret is for. A digest of one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Ties interactions to a browser.
    Browser,
    /// Says who is signed in.
    Session,
    /// Says in which browser a user signed in before.
    Known,
    /// Names an interaction.
    Interaction,
    /// An authorization code (RFC 6749 section 4.1.2).
    Code,
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken,
    /// What goes through the browser beside a code.
    Ticket,
}

impl Purpose {
    /// Tells people, and tools that look for leaked secrets, what they found.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Browser => "mbt_",
            Self::Session => "mst_",
            Self::Known => "mkt_",
            Self::Interaction => "mit_",
            Self::Code => "mac_",
            Self::RefreshToken => "mrt_",
            Self::Ticket => "mft_",
        }
    }
}

/// A secret in clear: for the one answer that tells it. Wiped when dropped, never shown by `Debug`.
pub(crate) struct HandedOut(Zeroizing<String>);

impl HandedOut {
    /// A fresh one.
    pub(crate) fn generate(purpose: Purpose, randomness: &Randomness) -> Self {
        let entropy = Zeroizing::new(randomness.bytes::<ENTROPY_BYTES>());
        // Of the final size from the start: a growing string would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(purpose.prefix());
        URL_SAFE_NO_PAD.encode_string(*entropy, &mut text);
        Self(text)
    }

    /// As it was presented; `None` where it cannot be one of that purpose.
    pub(crate) fn read(purpose: Purpose, text: &str) -> Option<Self> {
        let rest = text.strip_prefix(purpose.prefix())?;
        let well_formed = text.len() == LENGTH && rest.bytes().all(is_base64url);
        well_formed.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret in clear.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HandedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOut([redacted])")
    }
}

/// The keyed hash of a secret, as it is stored and found again.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// From where it is stored; `None` where that is no digest.
    pub(crate) fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether both are of the same secret. The time it takes says nothing about where they differ.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// Makes digests: without the key, whoever reads the database cannot tell a guess from a miss.
#[derive(Debug)]
pub(crate) struct Digester(HmacKey);

impl Digester {
    pub(crate) const fn new(key: HmacKey) -> Self {
        Self(key)
    }

    /// The digest of a secret.
    pub(crate) fn of(&self, purpose: Purpose, secret: &HandedOut) -> Digest {
        self.mac(purpose.prefix(), &[secret.expose().as_bytes()])
    }

    /// The digest of `parts` for something else, named `label`. Parts of other lengths never give the same.
    pub(crate) fn mac(&self, label: &str, parts: &[&[u8]]) -> Digest {
        let mut data = Zeroizing::new(Vec::new());
        for part in [label.as_bytes()].iter().chain(parts) {
            data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(part);
        }
        Digest(hmac_sha256(&self.0, &data))
    }
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

const ENTROPY_BYTES: usize = 32;
const LENGTH: usize = 4 + 43;

#[cfg(test)]
mod tests {
    use super::*;

    fn digester() -> Digester {
        Digester::new(HmacKey::new(&[7; 32]))
    }

    #[test]
    fn a_secret_is_read_back_for_its_purpose_alone() {
        let randomness = Randomness::seeded(1);
        let code = HandedOut::generate(Purpose::Code, &randomness);
        let read = HandedOut::read(Purpose::Code, code.expose()).expect("a code");
        assert!(digester().of(Purpose::Code, &code).matches(&digester().of(Purpose::Code, &read)));
        assert!(HandedOut::read(Purpose::Session, code.expose()).is_none());
        for foreign in ["", "mac_", &format!("{}x", code.expose()), &code.expose().replace('_', "=")] {
            assert!(HandedOut::read(Purpose::Code, foreign).is_none(), "{foreign}");
        }
    }

    #[test]
    fn what_is_hashed_for_one_thing_is_not_for_another() {
        let parts: [&[&[u8]]; 4] = [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""]];
        let made: Vec<_> = parts.iter().map(|parts| digester().mac("x", parts)).collect();
        for (place, one) in made.iter().enumerate() {
            assert!(made.iter().enumerate().all(|(other, digest)| (place == other) == one.matches(digest)));
        }
        assert!(!digester().mac("y", &[b"abc"]).matches(&digester().mac("x", &[b"abc"])));
    }

    #[test]
    fn b34_debug_shows_nothing_of_a_secret() {
        let session = HandedOut::generate(Purpose::Session, &Randomness::seeded(1));
        let digest = digester().of(Purpose::Session, &session);
        assert_eq!(format!("{session:?} {digest:?}"), "HandedOut([redacted]) Digest(…)");
    }
}
