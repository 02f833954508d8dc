//! Permissions together.

use std::slice;
use std::sync::Arc;

use crate::{Scope, ScopeError};

/// Scopes without repetition, in the order in which they were given. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ScopeSet(Arc<[Scope]>);

impl ScopeSet {
    /// How many scopes one list from outside may name.
    pub const MAX_ASKED: usize = 100;

    /// Reads a `scope` parameter: scope-tokens with one space between two (RFC 6749 section 3.3).
    ///
    /// # Errors
    ///
    /// A scope is malformed, empty or repeated, or there are more than [`Self::MAX_ASKED`]. The empty text is no list:
    /// whoever takes it for an absent parameter asks before.
    pub fn parse_delimited(text: &str) -> Result<Self, ScopeError> {
        Self::parse_each(text.split(' '))
    }

    /// Reads scopes that come one by one.
    ///
    /// # Errors
    ///
    /// A scope is malformed, empty or repeated, or there are more than [`Self::MAX_ASKED`].
    pub fn parse_each<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Result<Self, ScopeError> {
        let mut scopes: Vec<Scope> = Vec::new();
        for text in texts {
            let text = text.as_ref();
            if scopes.iter().any(|scope| scope.as_str() == text) {
                return Err(ScopeError::Duplicate);
            }
            if scopes.len() == Self::MAX_ASKED {
                return Err(ScopeError::TooMany);
            }
            scopes.push(text.parse()?);
        }
        Ok(Self(scopes.into()))
    }

    /// Those of `self` that `granted` lacks, in the order of `self`.
    #[must_use]
    pub fn missing_from(&self, granted: &Self) -> Vec<Scope> {
        self.iter().filter(|scope| !granted.contains(scope.as_str())).cloned().collect()
    }

    /// Whether the scope is among them, byte for byte.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|held| held.as_str() == scope)
    }

    /// The `scope` claim or parameter: a space between two; empty for no scope.
    #[must_use]
    pub fn to_delimited(&self) -> String {
        let mut text = String::with_capacity(self.iter().map(|scope| scope.as_str().len() + 1).sum());
        for scope in self {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(scope.as_str());
        }
        text
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> slice::Iter<'_, Scope> {
        self.0.iter()
    }
}

/// Sets are equal when they hold the same scopes, in whichever order.
impl PartialEq for ScopeSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.missing_from(other).is_empty()
    }
}

impl Eq for ScopeSet {}

/// Repeated scopes count once, where they came first.
impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut seen = std::collections::HashSet::new();
        Self(scopes.into_iter().filter(|scope| seen.insert(scope.clone())).collect())
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
