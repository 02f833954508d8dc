//! Names that the registry makes: a prefix that says of what, and 24 random letters.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Randomness;

/// The text is no id of this registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id is not of the form the registry makes")]
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
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// Names a resource server.
    ResourceServerId, "api_"
);
id!(
    /// Names a client grant.
    ClientGrantId, "cgr_"
);
id!(
    /// Names a client secret; says nothing about its value.
    SecretId, "sec_"
);

const LETTERS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_id_is_read_back_and_others_are_not() {
        let made = SecretId::generate(&Randomness::seeded(1));
        assert_eq!(made.as_str().parse(), Ok(made.clone()));
        for foreign in ["", "sec_", "sec_abc", "api_aaaaaaaaaaaaaaaaaaaaaaaa", "sec_aaaaaaaaaaaaaaaaaaaaaaa\0"] {
            assert_eq!(foreign.parse::<SecretId>(), Err(IdError), "{foreign:?}");
        }
    }
}
