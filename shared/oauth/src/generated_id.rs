//! Names that a service makes of chance.

use std::sync::Arc;

use mintage_clock::Randomness;

/// The text is no name of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id is not of the form the service makes")]
pub struct GeneratedIdError;

/// The letters of a name: a prefix that says of what, and 24 random letters, 142 bits. [`generated_id!`](crate::generated_id)
/// declares a type for each kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GeneratedId(Arc<str>);

impl GeneratedId {
    /// A new one.
    #[must_use]
    pub fn generate(prefix: &str, randomness: &Randomness) -> Self {
        Self(format!("{prefix}{}", randomness.alphanumeric(LETTERS)).into())
    }

    /// Reads one with that prefix.
    ///
    /// # Errors
    /// When the text has another prefix or form.
    pub fn parse(prefix: &str, text: &str) -> Result<Self, GeneratedIdError> {
        let letters = text.strip_prefix(prefix).ok_or(GeneratedIdError)?;
        let well_formed = letters.len() == LETTERS && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if well_formed { Ok(Self(text.into())) } else { Err(GeneratedIdError) }
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Declares the names of one kind of thing: `generated_id!(/// Names a user. pub(crate) UserId, "usr_");`.
#[macro_export]
macro_rules! generated_id {
    ($(#[$meta:meta])* $visible:vis $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        $visible struct $name($crate::GeneratedId);

        impl $name {
            $visible fn generate(randomness: &mintage_clock::Randomness) -> Self {
                Self($crate::GeneratedId::generate($prefix, randomness))
            }

            $visible fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::GeneratedIdError;

            fn from_str(text: &str) -> Result<Self, $crate::GeneratedIdError> {
                $crate::GeneratedId::parse($prefix, text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

const LETTERS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    generated_id!(
        /// Names a thing.
        Thing, "thg_"
    );

    #[test]
    fn a_generated_id_is_read_back_and_others_are_not() {
        let made = Thing::generate(&Randomness::seeded(1));
        assert_eq!(made.as_str().parse(), Ok(made.clone()));
        assert_eq!(made.to_string(), made.as_str());
        for foreign in ["", "thg_", "thg_abc", "oth_aaaaaaaaaaaaaaaaaaaaaaaa", "thg_aaaaaaaaaaaaaaaaaaaaaaa\0"] {
            assert_eq!(foreign.parse::<Thing>(), Err(GeneratedIdError), "{foreign:?}");
        }
    }
}
