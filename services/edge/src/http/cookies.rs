//! The cookies of a browser: `__Host-`, so that no other host and no plain connection can set them (RFC 6265bis section
//! 4.1.3.2).

use ::http::header::{COOKIE, SET_COOKIE};
use ::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::domain::{BrowserTokens, Refusal};

/// What a browser shows. A name that stands twice is nobody's word, and neither is a value that we never gave.
pub(super) fn held(headers: &HeaderMap) -> BrowserTokens {
    BrowserTokens { browser: one(headers, BROWSER), session: one(headers, SESSION), known: one(headers, KNOWN) }
}

/// Gives a browser what it is to hold from now on: until it is closed, but for that it is known.
///
/// # Errors
/// When a token cannot be a cookie.
pub(super) fn give(response: &mut Response, hold: &BrowserTokens) -> Result<(), Refusal> {
    let given = [
        (BROWSER, &hold.browser, ATTRIBUTES),
        (SESSION, &hold.session, ATTRIBUTES),
        (KNOWN, &hold.known, KNOWN_ATTRIBUTES),
    ];
    for (name, token, attributes) in given {
        let Some(token) = token else { continue };
        let cookie = is_token(token).then(|| HeaderValue::try_from(format!("{name}={token}{attributes}")).ok());
        let Some(cookie) = cookie.flatten() else {
            tracing::error!("the consent service gave a token that no cookie can hold");
            return Err(Refusal::Internal);
        };
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(())
}

/// Takes the session back.
pub(super) fn take_session(response: &mut Response) {
    if let Ok(cookie) = HeaderValue::try_from(format!("{SESSION}={ATTRIBUTES}; Max-Age=0")) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn one(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?.trim_matches([' ', '\t']);
        let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
        (found.trim_end_matches([' ', '\t']) == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (Some(value), None) if is_token(value) => Some(value.to_owned()),
        _ => None,
    }
}

fn is_token(value: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    (1..=MAX_TOKEN).contains(&value.len()) && value.bytes().all(allowed)
}

const BROWSER: &str = "__Host-mintage-browser";
const SESSION: &str = "__Host-mintage-session";
const KNOWN: &str = "__Host-mintage-known";
const ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
/// Only our own sign-in page has a use for it. No browser keeps a cookie for longer than 400 days (RFC 6265bis section 5.5);
/// what it is worth ends sooner.
const KNOWN_ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000";
const MAX_TOKEN: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(cookies: &[&str]) -> (Option<String>, Option<String>) {
        let pairs = cookies.iter().map(|value| (COOKIE, HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        let BrowserTokens { browser, session, .. } = held(&pairs.collect());
        (browser, session)
    }

    #[test]
    fn both_cookies_are_read_among_others_and_from_several_headers() {
        let both = (Some("b".to_owned()), Some("s".to_owned()));
        assert_eq!(read(&["a=1; __Host-mintage-browser=b; __Host-mintage-session=s; z"]), both);
        assert_eq!(read(&["__Host-mintage-browser=b", "__Host-mintage-session=s"]), both);
        assert_eq!(read(&[]), (None, None));
    }

    #[test]
    fn b29_a_cookie_that_stands_twice_is_nobodys() {
        for twice in [
            &["__Host-mintage-session=s; __Host-mintage-session=s"][..],
            &["__Host-mintage-session=s; __Host-mintage-session=t"],
            &["__Host-mintage-session=s", "__Host-mintage-session=t"],
            &["__Host-mintage-session=s; __Host-mintage-session"],
            &["__Host-mintage-session=s; __Host-mintage-session =t"],
        ] {
            assert_eq!(read(twice).1, None, "{twice:?}");
        }
    }

    #[test]
    fn what_we_never_gave_is_not_read() {
        let long = format!("__Host-mintage-session={}", "x".repeat(513));
        for cookie in [
            "__Host-mintage-session=",
            "__Host-mintage-session=\"s\"",
            "__Host-mintage-session=a b",
            "__Host-mintage-session=ä",
            "__host-mintage-session=s",
            "mintage-session=s",
            "x__Host-mintage-session=s",
            &long,
        ] {
            assert_eq!(read(&[cookie]).1, None, "{cookie}");
        }
    }

    #[test]
    fn a_token_that_would_be_more_than_a_value_is_not_set() {
        for token in ["a; Domain=evil.example", "a\r\nSet-Cookie: x=y", "a,b", "ä"] {
            let hold = BrowserTokens { session: Some(token.to_owned()), ..BrowserTokens::default() };
            let mut response = Response::default();
            assert_eq!(give(&mut response, &hold), Err(Refusal::Internal), "{token:?}");
            assert!(!response.headers().contains_key(SET_COOKIE));
        }
    }

    #[test]
    fn that_a_browser_is_known_outlives_it_and_goes_to_our_own_pages_alone() {
        let hold = BrowserTokens { known: Some("k".to_owned()), ..BrowserTokens::default() };
        let mut response = Response::default();
        give(&mut response, &hold).unwrap();
        let set = response.headers()[SET_COOKIE].to_str().unwrap();
        let expected = "__Host-mintage-known=k; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000";
        assert_eq!(set, expected);
        let shown = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("__Host-mintage-known=k"))]);
        assert_eq!(held(&shown), hold);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(cookie in proptest::collection::vec(any::<u8>(), 0..200)) {
            let value = HeaderValue::from_bytes(&cookie).map(|value| (COOKIE, value));
            let _ = held(&value.into_iter().collect());
        }
    }
}
