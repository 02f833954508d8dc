//! Who asks.

use std::fmt;

/// One client or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Crowd {
    /// One client, again and again.
    One,
    /// So many, each for the first time since the start.
    Cold(usize),
    /// So many, any of them.
    Warm(usize),
}

impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("1"),
            Self::Cold(many) => write!(f, "{many}, cold"),
            Self::Warm(many) => write!(f, "{many}, warm"),
        }
    }
}
