//! The pages of lists of keys.

use super::status::Refusal;
use crate::signing::PageTokens;

/// How many a page may hold, as `page_size` asks.
pub(super) fn size(wire: i32) -> Result<usize, Refusal> {
    match wire {
        0 => Ok(50),
        1..=100 => Ok(usize::try_from(wire).unwrap_or(50)),
        _ => Err(Refusal::invalid("page_size", &"1 to 100; 0 means 50")),
    }
}

/// The kid behind which the page of `page_token` begins; `None` for the first.
pub(super) fn after(tokens: &PageTokens, list: &[&str], page_token: &str) -> Result<Option<String>, Refusal> {
    if page_token.is_empty() {
        return Ok(None);
    }
    tokens.read(list, page_token).map(Some).ok_or_else(unknown)
}

/// The same in a list that is numbered.
pub(super) fn after_number(tokens: &PageTokens, list: &[&str], page_token: &str) -> Result<Option<i64>, Refusal> {
    after(tokens, list, page_token)?.map(|number| number.parse().map_err(|_| unknown())).transpose()
}

/// The refusal of a token that leads nowhere.
pub(super) fn unknown() -> Refusal {
    Refusal::invalid("page_token", &"it is not of this list")
}
