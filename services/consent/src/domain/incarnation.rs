//! What a name of the registry stood for: names come back, what they stood for does not.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Timestamp;

/// Names one tenant, or one API, for good: another that is called the same later has another. The registry makes them, of
/// chance. Clients need none: their ids are that already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Incarnation(Arc<str>);

impl Incarnation {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Incarnation {
    type Err = IncarnationError;

    fn from_str(text: &str) -> Result<Self, IncarnationError> {
        let well_formed = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if well_formed { Ok(Self(text.into())) } else { Err(IncarnationError) }
    }
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The registry did not say which one it is: then it is none that this service may act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry did not say which of those that had the name it is")]
pub(crate) struct IncarnationError;

/// The life of what the registry has under a name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) incarnation: Incarnation,
    /// When it was made.
    pub(crate) since: Timestamp,
}

impl Life {
    /// Whether what was written at `written_at` for `incarnation` is of this life. Releases before incarnations were kept wrote
    /// none: of theirs it is what is not older than what it is about.
    pub(crate) fn includes(&self, incarnation: Option<&Incarnation>, written_at: Timestamp) -> bool {
        match incarnation {
            Some(incarnation) => *incarnation == self.incarnation,
            None => written_at >= self.since,
        }
    }
}

const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn life(name: &str, since: i64) -> Life {
        Life { incarnation: name.parse().expect("an incarnation"), since: Timestamp::from_unix_millis(since) }
    }

    #[test]
    fn what_was_written_for_another_of_the_name_is_not_of_this_life_whenever_it_was_written() {
        let (former, present) = (life("api_a", 10), life("api_b", 10));
        for written_at in [0, 10, 20].map(Timestamp::from_unix_millis) {
            assert!(!present.includes(Some(&former.incarnation), written_at));
            assert!(present.includes(Some(&present.incarnation), written_at));
        }
    }

    #[test]
    fn what_names_none_is_of_this_life_unless_it_is_older() {
        let present = life("api_b", 10);
        let includes = |written_at| present.includes(None, Timestamp::from_unix_millis(written_at));
        assert!(!includes(9) && includes(10) && includes(11));
    }

    #[test]
    fn nothing_is_no_incarnation() {
        for odd in ["", " ", "a b", "a\n", "é", &"a".repeat(65)] {
            assert_eq!(odd.parse::<Incarnation>(), Err(IncarnationError), "{odd:?}");
        }
    }
}
