//! How much of a list is given at once.

use super::RegistryError;

/// 1 to 100 entries of a list; 50 unless told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageSize(u16);

impl PageSize {
    /// One more than fits, to see whether there is a next page.
    pub(crate) fn and_one(self) -> u64 {
        u64::from(self.0) + 1
    }
}

impl TryFrom<i32> for PageSize {
    type Error = RegistryError;

    fn try_from(asked: i32) -> Result<Self, RegistryError> {
        match u16::try_from(asked) {
            Ok(0) => Ok(Self(50)),
            Ok(size @ 1..=100) => Ok(Self(size)),
            _ => Err(RegistryError::invalid("page_size", "it is not from 1 to 100")),
        }
    }
}

/// Part of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    /// The key of the last entry, if more follow.
    pub(crate) next_after: Option<String>,
}

impl<T> Page<T> {
    /// From entries that were read with [`PageSize::and_one`] as the limit; `key` is what they are ordered by.
    pub(crate) fn cut(mut entries: Vec<T>, size: PageSize, key: impl Fn(&T) -> &str) -> Self {
        let fits = usize::from(size.0);
        let more = entries.len() > fits;
        entries.truncate(fits);
        let next_after = entries.last().filter(|_| more).map(|last| key(last).to_owned());
        Self { entries, next_after }
    }

    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { entries: self.entries.into_iter().map(convert).collect(), next_after: self.next_after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_exactly_full_has_no_next() {
        let size = PageSize::try_from(2).expect("a size");
        let page = Page::cut(vec!["a".to_owned(), "b".to_owned()], size, String::as_str);
        assert_eq!(page.next_after, None);
        let page = Page::cut(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], size, String::as_str);
        assert_eq!((page.entries.len(), page.next_after.as_deref()), (2, Some("b")));
    }

    #[test]
    fn sizes_outside_the_bounds_are_refused() {
        assert!([-1, 101, i32::MAX, i32::MIN].into_iter().all(|size| PageSize::try_from(size).is_err()));
        assert_eq!(PageSize::try_from(0).expect("the default").and_one(), 51);
    }
}
