//! The choices of the contract by name, the same in options and in answers.

use clap::ValueEnum;
use mintage_api::keys::{KeyDeed as ApiKeyDeed, KeyState as ApiKeyState};
use mintage_api::registry::{
    ClientType as ApiClientType, DynamicRegistration as ApiDynamicRegistration, ErrorProfile as ApiErrorProfile,
    Party as ApiParty, ThirdParties as ApiThirdParties, TokenProfile as ApiTokenProfile,
};
use mintage_api::types::SigningAlgorithm;

/// Declares the names of a choice. A choice that the contract adds breaks the build here.
macro_rules! words {
    ($(#[$meta:meta])* $word:ident for $contract:ident { $($(#[$about:meta])* $name:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $word {
            $($(#[$about])* #[value(name = $text)] $name,)+
        }

        impl $word {
            /// The name of the contract's number; empty where it is unspecified.
            pub(crate) fn name_of(number: i32) -> String {
                match $contract::try_from(number) {
                    $(Ok($contract::$name) => $text.to_owned(),)+
                    Ok($contract::Unspecified) => String::new(),
                    Err(_) => format!("unknown ({number})"),
                }
            }
        }

        impl From<$word> for i32 {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$name => $contract::$name.into(),)+
                }
            }
        }
    };
}

words! {
    /// How tokens are signed.
    Algorithm for SigningAlgorithm {
        /// RSA with SHA-256, PKCS#1 v1.5
        Rs256 = "RS256",
        /// RSA with SHA-384, PKCS#1 v1.5
        Rs384 = "RS384",
        /// RSA with SHA-512, PKCS#1 v1.5
        Rs512 = "RS512",
        /// RSA with SHA-256, PSS
        Ps256 = "PS256",
        /// RSA with SHA-384, PSS
        Ps384 = "PS384",
        /// RSA with SHA-512, PSS
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384
        Es384 = "ES384",
        /// Ed25519
        Eddsa = "EdDSA",
        /// HMAC with the API's own secret; not for third-party clients
        Hs256 = "HS256",
    }
}

words! {
    /// Which claims tokens have.
    TokenProfile for ApiTokenProfile {
        /// As Auth0 makes them: typ JWT, azp, gty
        AccessToken = "access_token",
        /// RFC 9068: typ at+jwt, client_id, jti
        Rfc9068 = "rfc9068",
    }
}

words! {
    /// How OAuth errors look over HTTP.
    ErrorProfile for ApiErrorProfile {
        /// As RFC 6749 and RFC 8707 have them
        Rfc = "rfc",
        /// As Auth0 answers
        Auth0 = "auth0",
    }
}

words! {
    /// Whose a client is.
    Party for ApiParty {
        /// The operator's own
        First = "first",
        /// Someone else's
        Third = "third",
    }
}

words! {
    /// Whether a client can keep a secret.
    ClientType for ApiClientType {
        /// It proves who it is by a secret
        Confidential = "confidential",
        /// It has none, and always uses PKCE
        Public = "public",
    }
}

words! {
    /// Whether users may consent to third-party clients.
    ThirdParties for ApiThirdParties {
        /// They may not
        Refused = "refused",
        /// They are asked
        Allowed = "allowed",
    }
}

words! {
    /// Who may register clients.
    DynamicRegistration for ApiDynamicRegistration {
        /// Nobody
        Off = "off",
        /// Whoever holds an initial access token
        WithToken = "with-token",
        /// Anybody
        Open = "open",
    }
}

words! {
    /// Where a key stands in its life.
    KeyState for ApiKeyState {
        /// Announced, does not sign yet
        Pending = "pending",
        /// Signs
        Active = "active",
        /// Signs no more, still verifies
        Retiring = "retiring",
        /// Gone
        Removed = "removed",
        /// Gone for cause
        Revoked = "revoked",
    }
}

words! {
    /// What can be done to a key or its ring.
    KeyDeed for ApiKeyDeed {
        /// Made, and in the key set
        Announced = "announced",
        /// Asked to sign as soon as it may
        Scheduled = "scheduled",
        /// Signs
        Activated = "activated",
        /// Signs before every verifier could know it
        ActivatedEarly = "activated early",
        /// Signs no more
        Retired = "retired",
        /// Left the key set
        Removed = "removed",
        /// Ended at once, for cause
        Revoked = "revoked",
        /// Kept for longer-lived tokens
        Extended = "extended",
        /// The ring is held
        Held = "held",
        /// The ring is held no more
        Released = "released",
        /// The ring's policy was set
        PolicySet = "policy set",
        /// Private keys of the ring went to another master key
        Resealed = "resealed",
        /// The secret was shown to somebody
        Shown = "shown",
        /// The token that kept its private half was given up
        GivenUp = "given up",
    }
}

/// A truth in words.
pub(crate) fn yes_or_no(truth: bool) -> String {
    if truth { "yes".to_owned() } else { "no".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_takes_what_an_answer_says() {
        for algorithm in Algorithm::value_variants() {
            let name = Algorithm::name_of(i32::from(*algorithm));
            assert_eq!(Algorithm::from_str(&name, false), Ok(*algorithm));
        }
        assert_eq!(TokenProfile::name_of(i32::from(TokenProfile::Rfc9068)), "rfc9068");
    }

    #[test]
    fn a_number_from_a_later_server_is_shown_as_one() {
        assert_eq!(Party::name_of(77), "unknown (77)");
        assert_eq!(Party::name_of(0), "");
    }
}
