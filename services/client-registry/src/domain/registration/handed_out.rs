//! What is handed out once: 256 random bits, kept only as a keyed hash.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_clock::Randomness;
use mintage_oauth::{Pepper, SecretHash, network_of};

/// What it is for; what is for one is worth nothing for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Lets its holder register clients.
    InitialAccess,
    /// Lets its holder manage the client that it was given for.
    Registration,
}

impl Purpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::InitialAccess => "mia_",
            Self::Registration => "mra_",
        }
    }

    /// The hash to compare of what was presented. What cannot be such a token costs the same and matches none.
    pub(crate) fn hash_presented(self, presented: &str, pepper: &Pepper) -> SecretHash {
        let possible = presented.strip_prefix(self.prefix()).is_some_and(|rest| rest.len() == ENTROPY_LENGTH);
        pepper.hash_presented(if possible { presented } else { "" })
    }
}

/// What is kept of where somebody registers from: enough to count by it, and no address.
pub(crate) fn hash_source(source: Option<IpAddr>, pepper: &Pepper) -> SecretHash {
    let network = source.map(network_of).map_or_else(String::new, |network| network.to_string());
    pepper.hash_presented(&format!("registration from {network}"))
}

/// Such a token in clear, for the one answer that tells it; never shown by `Debug`.
pub(crate) struct HandedOut {
    purpose: Purpose,
    text: String,
}

impl HandedOut {
    /// A fresh one.
    pub(crate) fn generate(purpose: Purpose, randomness: &Randomness) -> Self {
        let text = format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(randomness.bytes::<32>()));
        Self { purpose, text }
    }

    /// What is kept of it.
    pub(crate) fn hash(&self, pepper: &Pepper) -> SecretHash {
        self.purpose.hash_presented(&self.text, pepper)
    }

    /// For the answer.
    pub(crate) fn into_clear(self) -> String {
        self.text
    }
}

impl fmt::Debug for HandedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOut([redacted])")
    }
}

const ENTROPY_LENGTH: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_out_is_known_again_for_its_purpose_alone() {
        let (randomness, pepper) = (Randomness::seeded(1), Pepper::from_bytes(&[1; 32]));
        let made = HandedOut::generate(Purpose::Registration, &randomness);
        assert_eq!(format!("{made:?}"), "HandedOut([redacted])");
        let (hash, text) = (made.hash(&pepper), made.into_clear());
        assert!(hash.matches(&Purpose::Registration.hash_presented(&text, &pepper)));
        let other = HandedOut::generate(Purpose::Registration, &randomness).into_clear();
        let renamed = text.replace("mra_", "mia_");
        for wrong in ["", &text[..46], &format!("{text}0"), &other, &renamed, &"x".repeat(100_000)] {
            assert!(!hash.matches(&Purpose::Registration.hash_presented(wrong, &pepper)), "{wrong:.60}");
            assert!(!hash.matches(&Purpose::InitialAccess.hash_presented(wrong, &pepper)), "{wrong:.60}");
        }
        assert!(!hash.matches(&Purpose::InitialAccess.hash_presented(&text, &pepper)));
    }
}
