//! Texts that people write and read: one line, of bounded length.

use std::fmt;
use std::str::FromStr;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    #[error("it has a control character")]
    ControlCharacter,
}

macro_rules! line {
    ($(#[$meta:meta])* $name:ident, $shortest:literal, $longest:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(String);

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                check(text, $shortest, $longest)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

line!(
    /// The name of a thing, for people: 1 to 128 characters.
    DisplayName, 1, 128
);
line!(
    /// Where a secret is used: up to 64 characters.
    Label, 0, 64
);
line!(
    /// What a scope allows: up to 500 characters.
    Description, 0, 500
);

line!(
    /// Who stands behind an application: up to 128 characters.
    Owner, 0, 128
);

impl Default for Owner {
    /// Nobody said who.
    fn default() -> Self {
        Self(String::new())
    }
}

fn check(text: &str, shortest: usize, longest: usize) -> Result<(), TextError> {
    let length = text.chars().count();
    if length < shortest {
        return Err(TextError::Empty);
    }
    if length > longest {
        return Err(TextError::TooLong(longest));
    }
    if text.chars().any(char::is_control) { Err(TextError::ControlCharacter) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_count_characters_not_bytes() {
        assert!("ü".repeat(128).parse::<DisplayName>().is_ok());
        assert_eq!("ü".repeat(129).parse::<DisplayName>(), Err(TextError::TooLong(128)));
        assert_eq!("".parse::<DisplayName>(), Err(TextError::Empty));
        assert!("".parse::<Label>().is_ok());
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["a\0b", "a\nb", "\u{7f}", "\u{85}"] {
            assert_eq!(text.parse::<Description>(), Err(TextError::ControlCharacter), "{text:?}");
        }
    }
}
