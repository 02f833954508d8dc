//! Authorization codes (RFC 6749 section 4.1.2) and the proof of whoever asked for one (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_clock::Timestamp;
use mintage_jose::digest::sha256;
use mintage_jose::mac::constant_time_eq;
use mintage_oauth::ScopeSet;

use super::id::SessionId;

/// How somebody signed in, as tokens say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    pub(crate) session: Option<SessionId>,
    pub(crate) at: Timestamp,
    /// Whether the client asked to be told when.
    pub(crate) tell_when: bool,
}

/// What a code is bound to, and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: ScopeSet,
    pub(crate) signed_in: SignedIn,
    pub(crate) ends_at: Timestamp,
}

/// What goes through a browser beside a code, or without one (OAuth 2.0 Multiple Response Type Encoding Practices).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrontChannel {
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: ScopeSet,
    pub(crate) signed_in: SignedIn,
    pub(crate) token: bool,
    pub(crate) id_token: bool,
    pub(crate) ends_at: Timestamp,
}

impl Code {
    /// Whether whoever presents it now is the one that asked for it. A verifier without a challenge is refused as a challenge
    /// without a verifier is: whoever took the one away from a request is found out by the other.
    pub(crate) fn fits(&self, redirect_uri: &str, verifier: &str, now: Timestamp) -> bool {
        let verified = match &self.challenge {
            Some(challenge) => challenge.is_of(verifier),
            None => verifier.is_empty(),
        };
        now < self.ends_at && verified && redirect_uri == self.redirect_uri
    }
}

/// A code challenge of method `S256` (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge(String);

impl Challenge {
    /// As it stands in a request: a SHA-256 digest in base64url.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == DIGEST_BYTES).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made of `verifier`, which has 43 to 128 characters of RFC 7636 section 4.1.
    fn is_of(&self, verifier: &str) -> bool {
        let well_formed = VERIFIER_LENGTH.contains(&verifier.len())
            && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let made = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        well_formed && constant_time_eq(made.as_bytes(), self.0.as_bytes())
    }
}

const DIGEST_BYTES: usize = 32;
const VERIFIER_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn code(challenge: Option<Challenge>) -> Code {
        let at = Timestamp::from_unix_millis(1000);
        Code {
            redirect_uri: "https://app.example/cb".to_owned(),
            challenge,
            nonce: None,
            scopes: ScopeSet::default(),
            signed_in: SignedIn { session: None, at, tell_when: false },
            ends_at: at,
        }
    }

    #[test]
    fn b27_a_code_goes_to_whoever_asked_for_it() {
        let now = Timestamp::from_unix_millis(999);
        let bound = code(Challenge::read(CHALLENGE));
        let uri = bound.redirect_uri.clone();
        assert!(bound.fits(&uri, VERIFIER, now));
        assert!(!bound.fits(&uri, VERIFIER, bound.ends_at), "late");
        for verifier in ["", CHALLENGE, &VERIFIER.to_lowercase(), &format!("{VERIFIER}\0"), &"a".repeat(100_000)] {
            assert!(!bound.fits(&uri, verifier, now), "{verifier:.50}");
        }
        for other in ["", "https://app.example/cb/", "https://app.example/CB", "https://app.example/cb?x"] {
            assert!(!bound.fits(other, VERIFIER, now), "{other}");
        }
    }

    #[test]
    fn b27_a_verifier_without_a_challenge_and_a_challenge_without_a_verifier_are_refused() {
        let now = Timestamp::from_unix_millis(0);
        let (bound, free) = (code(Challenge::read(CHALLENGE)), code(None));
        let uri = bound.redirect_uri.clone();
        assert!(!bound.fits(&uri, "", now));
        assert!(!free.fits(&uri, VERIFIER, now));
        assert!(free.fits(&uri, "", now));
    }

    #[test]
    fn a_challenge_is_a_digest_and_nothing_else() {
        for odd in ["", VERIFIER, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", &format!("{CHALLENGE}="), "a b"] {
            assert_eq!(Challenge::read(odd).is_some(), odd == VERIFIER, "{odd}");
        }
    }
}
