//! Lists, a page at a time: how much is given at once, and where a list goes on.

use mintage_jose::TextTagger;
use mintage_jose::mac::HmacKey;

/// 1 to 100 entries of a list; 50 unless told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// One more than fits, to see whether there is a next page.
    #[must_use]
    pub fn and_one(self) -> u64 {
        u64::from(self.0) + 1
    }
}

impl TryFrom<i32> for PageSize {
    type Error = PageError;

    /// `page_size` as it came; 0 where it is absent.
    fn try_from(asked: i32) -> Result<Self, PageError> {
        match u16::try_from(asked) {
            Ok(0) => Ok(Self(50)),
            Ok(size @ 1..=100) => Ok(Self(size)),
            _ => Err(PageError::Size),
        }
    }
}

/// Part of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What it holds.
    pub entries: Vec<T>,
    /// The key of the last entry, if more follow.
    pub next_after: Option<String>,
}

impl<T> Page<T> {
    /// From entries that were read with [`PageSize::and_one`] as the limit; `key` is what they are ordered by.
    #[must_use]
    pub fn cut(mut entries: Vec<T>, size: PageSize, key: impl Fn(&T) -> &str) -> Self {
        let fits = usize::from(size.0);
        let more = entries.len() > fits;
        entries.truncate(fits);
        let next_after = entries.last().filter(|_| more).map(|last| key(last).to_owned());
        Self { entries, next_after }
    }

    /// The same page of what `convert` makes of the entries.
    #[must_use]
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { entries: self.entries.into_iter().map(convert).collect(), next_after: self.next_after }
    }
}

/// What a list is of: its name, its tenant, its filters, in this order.
pub type ListName<'a> = &'a [&'a str];

/// Makes and reads page tokens: where a list goes on, authenticated together with what it is a list of.
#[derive(Debug)]
pub struct PageTokens(TextTagger);

impl PageTokens {
    /// Under a key that every replica holds.
    #[must_use]
    pub const fn new(key: HmacKey) -> Self {
        Self(TextTagger::new(key))
    }

    /// The token of the page after the entry `after`; empty when there is none.
    #[must_use]
    pub fn seal(&self, list: ListName<'_>, after: Option<&str>) -> String {
        after.map_or_else(String::new, |after| self.0.tag(list, after))
    }

    /// The entry after which the page begins; `None` for the first page.
    ///
    /// # Errors
    /// [`PageError::Token`] when another list or another key made it.
    pub fn open(&self, list: ListName<'_>, token: &str) -> Result<Option<String>, PageError> {
        if token.is_empty() {
            return Ok(None);
        }
        self.0.read(list, token).map(Some).ok_or(PageError::Token)
    }
}

/// Why there is no such page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Of `page_size`.
    #[error("it is not from 1 to 100")]
    Size,
    /// Of `page_token`.
    #[error("it is not of this list")]
    Token,
}

impl PageError {
    /// The parameter that is wrong.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Size => "page_size",
            Self::Token => "page_token",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_begins() {
        let size = PageSize::try_from(2).expect("a size");
        assert_eq!(size.and_one(), 3);
        let page = |entries: &[&str]| {
            let entries = entries.iter().map(ToString::to_string).collect();
            let page = Page::cut(entries, size, String::as_str);
            (page.entries.len(), page.next_after)
        };
        assert_eq!(page(&["a", "b", "c"]), (2, Some("b".to_owned())));
        assert_eq!(page(&["a", "b"]), (2, None));
        assert_eq!(page(&[]), (0, None));
    }

    #[test]
    fn sizes_are_from_1_to_100() {
        assert_eq!(PageSize::try_from(0), PageSize::try_from(50));
        for size in [-1, 101, i32::MAX, i32::MIN] {
            assert_eq!(PageSize::try_from(size), Err(PageError::Size));
        }
    }

    #[test]
    fn a_token_is_of_its_list_alone() {
        let tokens = PageTokens::new(HmacKey::new(&[1; 32]));
        let token = tokens.seal(&["users", "default"], Some("usr_1"));
        assert_eq!(tokens.open(&["users", "default"], &token), Ok(Some("usr_1".to_owned())));
        assert_eq!(tokens.open(&["users", "acme"], &token), Err(PageError::Token));
        assert_eq!(tokens.open(&["users", "default"], ""), Ok(None));
        assert_eq!(tokens.seal(&["users", "default"], None), "");
    }
}
