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
    /// Under which it was asked for; `None`: a release gave it that did not note it.
    pub(crate) issuer: Option<String>,
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

/// What is presented beside a code.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    /// Under which it is presented; `None`: that is not told.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) redirect_uri: &'a str,
    /// Empty: none.
    pub(crate) verifier: &'a str,
}

impl Code {
    /// Whether whoever presents it at that moment is the one that asked for it, and where it asked. A verifier without a
    /// challenge is refused as a challenge without a verifier is: whoever took the one away from a request is found out by the
    /// other.
    pub(crate) fn fits(&self, beside: Beside<'_>, at: Timestamp) -> bool {
        let Beside { issuer, redirect_uri, verifier } = beside;
        let verified = match &self.challenge {
            Some(challenge) => challenge.is_of(verifier),
            None => verifier.is_empty(),
        };
        let there = match (&self.issuer, issuer) {
            (Some(asked), Some(presented)) => asked == presented,
            _ => true,
        };
        at < self.ends_at && verified && there && redirect_uri == self.redirect_uri
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

    const WELL: Beside<'_> =
        Beside { issuer: Some("https://id.example/"), redirect_uri: "https://app.example/cb", verifier: VERIFIER };

    fn code(challenge: Option<Challenge>) -> Code {
        let at = Timestamp::from_unix_millis(1000);
        Code {
            issuer: Some("https://id.example/".to_owned()),
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
        assert!(bound.fits(WELL, now));
        assert!(!bound.fits(WELL, bound.ends_at), "late");
        for verifier in ["", CHALLENGE, &VERIFIER.to_lowercase(), &format!("{VERIFIER}\0"), &"a".repeat(100_000)] {
            assert!(!bound.fits(Beside { verifier, ..WELL }, now), "{verifier:.50}");
        }
        for redirect_uri in ["", "https://app.example/cb/", "https://app.example/CB", "https://app.example/cb?x"] {
            assert!(!bound.fits(Beside { redirect_uri, ..WELL }, now), "{redirect_uri}");
        }
    }

    #[test]
    fn b28_a_code_is_good_under_the_issuer_that_gave_it() {
        let now = Timestamp::from_unix_millis(999);
        let bound = code(Challenge::read(CHALLENGE));
        for issuer in ["", "https://other.example/", "https://id.example", "https://id.example/x"] {
            assert!(!bound.fits(Beside { issuer: Some(issuer), ..WELL }, now), "{issuer}");
        }
        assert!(bound.fits(Beside { issuer: None, ..WELL }, now), "a release that does not tell");
        let before = Code { issuer: None, ..bound };
        assert!(before.fits(WELL, now), "a release that did not note it");
    }

    #[test]
    fn b27_a_verifier_without_a_challenge_and_a_challenge_without_a_verifier_are_refused() {
        let now = Timestamp::from_unix_millis(0);
        let (bound, free) = (code(Challenge::read(CHALLENGE)), code(None));
        let without = Beside { verifier: "", ..WELL };
        assert!(!bound.fits(without, now));
        assert!(!free.fits(WELL, now));
        assert!(free.fits(without, now));
    }

    #[test]
    fn a_challenge_is_a_digest_and_nothing_else() {
        for odd in ["", VERIFIER, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", &format!("{CHALLENGE}="), "a b"] {
            assert_eq!(Challenge::read(odd).is_some(), odd == VERIFIER, "{odd}");
        }
    }
}
