//! Page tokens: where a list goes on, authenticated together with what it is a list of.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_jose::mac::{HmacKey, constant_time_eq, hmac_sha256};

use crate::domain::RegistryError;

/// Makes and reads page tokens.
pub(crate) struct PageTokens(HmacKey);

/// What a list is of: its name, its tenant, its filters, in this order.
pub(super) type ListName<'a> = &'a [&'a str];

impl PageTokens {
    pub(crate) const fn new(key: HmacKey) -> Self {
        Self(key)
    }

    /// The token of the page after the entry `after`; empty when there is none.
    pub(super) fn seal(&self, list: ListName<'_>, after: Option<&str>) -> String {
        let Some(after) = after else { return String::new() };
        let mut token = self.tag(list, after).to_vec();
        token.extend_from_slice(after.as_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The entry after which the page begins; `None` for the first page.
    pub(super) fn open(&self, list: ListName<'_>, token: &str) -> Result<Option<String>, RegistryError> {
        if token.is_empty() {
            return Ok(None);
        }
        self.read(list, token).map(Some).ok_or_else(|| RegistryError::invalid("page_token", "it is not of this list"))
    }

    fn read(&self, list: ListName<'_>, token: &str) -> Option<String> {
        if token.len() > LONGEST {
            return None;
        }
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (tag, after) = token.split_at_checked(TAG)?;
        let after = std::str::from_utf8(after).ok()?;
        constant_time_eq(tag, &self.tag(list, after)).then(|| after.to_owned())
    }

    /// Each part is preceded by its length, so that no two lists read the same.
    fn tag(&self, list: ListName<'_>, after: &str) -> [u8; TAG] {
        let mut text = b"mintage.registry.v1 page token".to_vec();
        for part in list.iter().chain([&after]) {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        hmac_sha256(&self.0, &text)
    }
}

impl fmt::Debug for PageTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageTokens(…)")
    }
}

const TAG: usize = 32;
/// A tag and the longest key there is, in base64.
const LONGEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> PageTokens {
        PageTokens::new(HmacKey::new(&[7; 32]))
    }

    #[test]
    fn a_token_opens_the_list_it_was_made_for_and_no_other() {
        let token = tokens().seal(&["clients", "acme"], Some("abc"));
        assert_eq!(tokens().open(&["clients", "acme"], &token).expect("opens").as_deref(), Some("abc"));
        for other in [&["clients", "other"][..], &["clientsacme", ""], &["clients", "acme", ""], &["clients"]] {
            assert!(tokens().open(other, &token).is_err(), "{other:?}");
        }
        assert!(PageTokens::new(HmacKey::new(&[8; 32])).open(&["clients", "acme"], &token).is_err());
    }

    #[test]
    fn a_changed_token_opens_nothing() {
        let list: ListName<'_> = &["clients", "acme"];
        let token = tokens().seal(list, Some("abc"));
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(tokens().open(list, &changed).is_err(), "{changed}");
        }
        for foreign in ["A", "AAAA", "=", "' OR 1=1 --", &"A".repeat(10_000)] {
            assert!(tokens().open(list, foreign).is_err());
        }
    }
}
