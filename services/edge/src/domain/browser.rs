//! What a browser holds of the suite.

use std::fmt;

/// The secrets that a browser was given to hold, as it shows them or is to hold them from now on.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BrowserTokens {
    /// Ties interactions to the browser.
    pub browser: Option<String>,
    /// Who is signed in.
    pub session: Option<String>,
    /// That users signed in there before.
    pub known: Option<String>,
}

/// Shows which there are, never what they are.
impl fmt::Debug for BrowserTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = [("browser", &self.browser), ("session", &self.session), ("known", &self.known)];
        f.debug_set().entries(held.iter().filter(|(_, token)| token.is_some()).map(|(name, _)| name)).finish()
    }
}
