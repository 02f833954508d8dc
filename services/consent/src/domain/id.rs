//! Names that the service makes: a prefix that says of what, and 24 random letters.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Randomness;

/// The text is no id of this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id is not of the form the service makes")]
pub(crate) struct IdError;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name(Arc<str>);

        impl $name {
            pub(crate) fn generate(randomness: &Randomness) -> Self {
                Self(format!(concat!($prefix, "{}"), randomness.alphanumeric(LETTERS)).into())
            }

            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let letters = text.strip_prefix($prefix).ok_or(IdError)?;
                let well_formed = letters.len() == LETTERS && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if well_formed { Ok(Self(text.into())) } else { Err(IdError) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

id!(
    /// Names a user: the `sub` of its tokens.
    UserId, "usr_"
);
id!(
    /// Names a session, as ID tokens do (`sid`).
    SessionId, "ses_"
);
id!(
    /// Names what a user granted a client at an API.
    UserGrantId, "ugr_"
);
id!(
    /// Names a family of refresh tokens: those that came of one sign-in.
    FamilyId, "rtf_"
);

const LETTERS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_id_is_read_back_and_others_are_not() {
        let made = UserId::generate(&Randomness::seeded(1));
        assert_eq!(made.as_str().parse(), Ok(made.clone()));
        for foreign in ["", "usr_", "usr_abc", "ses_aaaaaaaaaaaaaaaaaaaaaaaa", "usr_aaaaaaaaaaaaaaaaaaaaaaa\0"] {
            assert_eq!(foreign.parse::<UserId>(), Err(IdError), "{foreign:?}");
        }
    }
}
