//! Addresses that browsers are sent to, written from what they say and never from a request's own bytes.

use mintage_oauth::RedirectUri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Names and values as a query: each byte but the unreserved ones is escaped (RFC 3986 section 2.3), a space too, so that
/// readers of forms and of URIs read the same.
pub(super) fn query<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let pairs =
        pairs.into_iter().map(|(name, value)| format!("{}={}", escaped(name.as_ref()), escaped(value.as_ref())));
    pairs.collect::<Vec<_>>().join("&")
}

/// A path of ours with a query behind, if there is any.
pub(super) fn own<N: AsRef<str>, V: AsRef<str>>(path: &str, pairs: impl IntoIterator<Item = (N, V)>) -> String {
    match query(pairs) {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// A redirect URI with an answer behind: in its query, beside what stands there already (RFC 6749 section 3.1.2).
pub(super) fn with_query(uri: &RedirectUri, pairs: &[(String, String)]) -> String {
    let query = query(pairs.iter().map(|(name, value)| (name, value)));
    match uri.as_str() {
        plain if query.is_empty() => plain.to_owned(),
        plain if plain.ends_with(['?', '&']) => format!("{plain}{query}"),
        plain if plain.contains('?') => format!("{plain}&{query}"),
        plain => format!("{plain}?{query}"),
    }
}

/// A redirect URI with an answer in its fragment; it has none of its own.
pub(super) fn with_fragment(uri: &RedirectUri, pairs: &[(String, String)]) -> String {
    format!("{uri}#{}", query(pairs.iter().map(|(name, value)| (name, value))))
}

fn escaped(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, RESERVED)
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uri(text: &str) -> RedirectUri {
        text.parse().unwrap()
    }

    fn answer(state: &str) -> Vec<(String, String)> {
        vec![("code".into(), "abc".into()), ("state".into(), state.into())]
    }

    #[test]
    fn an_answer_stands_behind_what_was_registered() {
        let plain = with_query(&uri("https://app.example/cb"), &answer("a b&c"));
        assert_eq!(plain, "https://app.example/cb?code=abc&state=a%20b%26c");
        let beside = with_query(&uri("https://app.example/cb?k=v"), &answer("s"));
        assert_eq!(beside, "https://app.example/cb?k=v&code=abc&state=s");
        let fragment = with_fragment(&uri("com.example.app:/cb"), &answer("#"));
        assert_eq!(fragment, "com.example.app:/cb#code=abc&state=%23");
    }

    proptest! {
        #[test]
        fn b26_no_state_leads_anywhere_else_or_says_more(state in "\\PC{0,60}|[\\x00-\\x7f]{0,60}") {
            let written = with_query(&uri("https://app.example/cb"), &answer(&state));
            let rest = written.strip_prefix("https://app.example/cb?code=abc&state=").unwrap();
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
            prop_assert!(rest.bytes().all(unreserved));
            let read: Vec<_> = form_urlencoded::parse(written.split_once('?').unwrap().1.as_bytes()).collect();
            prop_assert_eq!(&read[1].1, state.as_str());
        }
    }
}
