//! Page tokens: where a list goes on, authenticated together with what it is a list of.

use mintage_jose::TextTagger;
use mintage_jose::mac::HmacKey;

use crate::domain::RegistryError;

/// Makes and reads page tokens.
#[derive(Debug)]
pub(crate) struct PageTokens(TextTagger);

/// What a list is of: its name, its tenant, its filters, in this order.
pub(super) type ListName<'a> = &'a [&'a str];

impl PageTokens {
    pub(crate) const fn new(key: HmacKey) -> Self {
        Self(TextTagger::new(key))
    }

    /// The token of the page after the entry `after`; empty when there is none.
    pub(super) fn seal(&self, list: ListName<'_>, after: Option<&str>) -> String {
        after.map_or_else(String::new, |after| self.0.tag(list, after))
    }

    /// The entry after which the page begins; `None` for the first page.
    pub(super) fn open(&self, list: ListName<'_>, token: &str) -> Result<Option<String>, RegistryError> {
        if token.is_empty() {
            return Ok(None);
        }
        let after = self.0.read(list, token);
        after.map(Some).ok_or_else(|| RegistryError::invalid("page_token", "it is not of this list"))
    }
}
