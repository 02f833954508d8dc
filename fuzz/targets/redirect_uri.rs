//! Redirect URIs: what may be registered browsers read as we do, and what a registered one admits is itself but for a port.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_oauth::RedirectUri;
use url::Url;

// The first line is registered, what follows is presented.
fuzz_target!(|lines: &str| {
    let (text, presented) = lines.split_once('\n').unwrap_or((lines, "8080"));
    let Ok(uri) = text.parse::<RedirectUri>() else { return };
    assert_eq!(uri.as_str(), text);
    assert!(uri.admits(text) && text.starts_with(&uri.destination()));
    // The URL Standard refuses some Punycode.
    if !text.contains("xn--") {
        let url = Url::parse(text).expect("what is registered is a URL");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        assert!(matches!(url.scheme(), "https" | "http") || url.scheme().contains('.'));
    }
    for other in [presented.to_owned(), text.replacen("127.0.0.1", &format!("127.0.0.1:{presented}"), 1)] {
        if uri.admits(&other) && other != text {
            assert!(uri.is_loopback() && other.parse::<RedirectUri>().is_ok());
            assert_eq!(Url::parse(&other).expect("a URL").host(), Url::parse(text).expect("a URL").host());
        }
    }
});
