//! Redirect URIs: what may be registered, and what a registered one admits.

use mintage_oauth::{HttpsUri, Origin, RedirectUri, UriError};
use proptest::prelude::*;
use url::Url;

const REGISTERED: &str = "https://app.example.com/callback";

#[test]
fn a_client_registers_the_web_its_own_machine_or_its_own_scheme() {
    for good in [
        REGISTERED,
        "https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:8443/cb",
        "https://app.example.com:443/cb",
        "https://app.example.com?tenant=a%2Fb",
        "https://app.example.com/a;b/c~d@e/%20f?x=%5B1%5D&y=[2]",
        "https://xn--mnchen-3ya.example/cb",
        "https://[2001:db8::1]/cb",
        "https://192.0.2.7/cb",
        "https://localhost:3000/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:49152/cb",
        "http://[::1]:1/cb",
        "http://localhost",
        "http://localhost:3000/cb?x=1",
        "com.example.app:/cb",
        "com.example.app://callback/x",
        "io.example-app.v2:///cb",
    ] {
        assert_eq!(good.parse::<RedirectUri>().map(|uri| uri.to_string()), Ok(good.to_owned()));
    }
    let longest = format!("https://a.test/{}", "a".repeat(2000 - 15));
    assert!(longest.parse::<RedirectUri>().is_ok());
    assert_eq!(format!("{longest}a").parse::<RedirectUri>(), Err(UriError::TooLong));
}

#[test]
fn b26_no_hostile_address_is_registered_or_admitted() {
    let corpus = hostile();
    assert!(corpus.len() >= 100, "{}", corpus.len());
    let registered: Vec<RedirectUri> = [REGISTERED, "http://127.0.0.1/callback", "com.example.app:/callback"]
        .into_iter()
        .map(|uri| uri.parse().unwrap())
        .collect();
    for bad in &corpus {
        assert!(bad.parse::<RedirectUri>().is_err(), "registered: {bad:?}");
        assert!(registered.iter().all(|uri| !uri.admits(bad)), "admitted: {bad:?}");
    }
}

#[test]
fn b26_what_is_sound_elsewhere_is_still_not_this_address() {
    let registered: RedirectUri = REGISTERED.parse().unwrap();
    for other in [
        "https://app.example.com/callback/",
        "https://app.example.com/Callback",
        "https://app.example.com/callback?",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/callback;x",
        "https://app.example.com/callback/evil",
        "https://app.example.com//callback",
        "https://app.example.com/c%61llback",
        "https://app.example.com/",
        "https://app.example.com",
        "https://app.example.com:443/callback",
        "https://app.example.com:8443/callback",
        "https://www.app.example.com/callback",
        "https://app.example.com.evil.test/callback",
        "https://evil.test/app.example.com/callback",
        "https://evil.test/?https://app.example.com/callback",
        "https://xn--pp-iva.example.com/callback",
        "http://localhost/callback",
        "com.example.app:/callback",
    ] {
        assert!(other.parse::<RedirectUri>().is_ok(), "{other}");
        assert!(!registered.admits(other), "{other}");
    }
    assert!(registered.admits(REGISTERED));
}

#[test]
fn b26_on_loopback_the_port_may_differ_and_nothing_else() {
    for (registered, admitted) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://[::1]:1/cb?x=1", "http://[::1]:65535/cb?x=1"),
        ("http://localhost", "http://localhost:3000"),
    ] {
        assert!(registered.parse::<RedirectUri>().unwrap().admits(admitted), "{registered} {admitted}");
    }
    let registered: RedirectUri = "http://127.0.0.1:8080/cb".parse().unwrap();
    for refused in [
        "http://localhost:8080/cb",
        "http://[::1]:8080/cb",
        "http://127.0.0.2:8080/cb",
        "https://127.0.0.1:8080/cb",
        "http://127.0.0.1:8080/cb/",
        "http://127.0.0.1:8080/cb?x",
        "http://127.0.0.1:8080/cb#x",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:8080@evil.test/cb",
        "http://127.0.0.1@evil.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "http://127.0.0.1:8080\\@evil.test/cb",
        "http://127.0.0.1:8080:80/cb",
        "HTTP://127.0.0.1:8080/cb",
    ] {
        assert!(!registered.admits(refused), "{refused}");
    }
    let secure: RedirectUri = "https://localhost:3000/cb".parse().unwrap();
    assert!(!secure.admits("https://localhost:3001/cb"), "only http has no other way to find its port");
}

#[test]
fn what_any_application_could_answer_is_told_apart() {
    for (uri, loopback, private_use, destination) in [
        (REGISTERED, false, false, "https://app.example.com"),
        ("https://app.example.com:8443?x", false, false, "https://app.example.com:8443"),
        ("http://127.0.0.1:8080/cb", true, false, "http://127.0.0.1:8080"),
        ("http://[::1]/cb", true, false, "http://[::1]"),
        ("http://localhost/cb", true, false, "http://localhost"),
        ("https://localhost/cb", true, false, "https://localhost"),
        ("https://app.localhost/cb", true, false, "https://app.localhost"),
        ("https://127.9.9.9/cb", true, false, "https://127.9.9.9"),
        ("https://0.0.0.0/cb", true, false, "https://0.0.0.0"),
        ("https://[::ffff:127.0.0.1]/cb", true, false, "https://[::ffff:127.0.0.1]"),
        ("https://localhost.example.com/cb", false, false, "https://localhost.example.com"),
        ("com.example.app:/cb", false, true, "com.example.app:"),
        ("com.example.app://localhost/cb", false, true, "com.example.app:"),
    ] {
        let uri: RedirectUri = uri.parse().unwrap();
        assert_eq!((uri.is_loopback(), uri.is_private_use()), (loopback, private_use), "{uri}");
        assert_eq!(uri.destination(), destination);
    }
}

#[test]
fn a_host_that_others_have_too_is_told_from_one_that_is_somebodys() {
    for others_too in [
        "https://10.1.2.3/cb",
        "https://172.16.0.1/cb",
        "https://172.31.255.255:8443/cb",
        "https://192.168.0.10/cb",
        "https://169.254.169.254/cb",
        "https://100.64.0.1/cb",
        "https://100.127.255.255/cb",
        "https://0.0.0.0/cb",
        "https://127.9.9.9/cb",
        "http://127.0.0.1/cb",
        "http://[::1]/cb",
        "https://[fd00::1]/cb",
        "https://[fe80::1]/cb",
        "https://[::]/cb",
        "https://[::ffff:10.0.0.1]/cb",
        "https://printer.local/cb",
        "https://printer.local:8443/cb",
    ] {
        let uri: RedirectUri = others_too.parse().expect(others_too);
        assert!(uri.is_of_a_private_network(), "{uri}");
    }
    for somebodys in [
        REGISTERED,
        "https://11.0.0.1/cb",
        "https://172.32.0.1/cb",
        "https://100.128.0.1/cb",
        "https://192.0.2.1/cb",
        "https://[2001:db8::1]/cb",
        "https://local.example.com/cb",
        "https://mylocal.example/cb.local",
        "https://intranet/cb",
        "https://billing.corp.internal/cb",
        "com.example.app:/cb",
    ] {
        let uri: RedirectUri = somebodys.parse().expect(somebodys);
        assert!(!uri.is_of_a_private_network(), "{uri}");
    }
}

#[test]
fn what_is_shown_to_users_is_on_the_web_and_secure() {
    let uri: HttpsUri = "https://example.com/logo.svg?v=2".parse().unwrap();
    assert_eq!((uri.as_str(), uri.origin()), ("https://example.com/logo.svg?v=2", "https://example.com"));
    for bad in ["http://localhost/logo.svg", "com.example.app:/logo.svg"] {
        assert_eq!(bad.parse::<HttpsUri>(), Err(UriError::NotHttps), "{bad}");
    }
    for bad in hostile() {
        assert!(bad.parse::<HttpsUri>().is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn what_is_registered_admits_itself_and_is_stable(text in r"(https://|http://localhost|com\.example:/)[ -~]{0,40}") {
        if let Ok(uri) = text.parse::<RedirectUri>() {
            prop_assert_eq!(uri.as_str(), &text);
            prop_assert!(uri.admits(&text));
            prop_assert!(text.starts_with(&uri.destination()));
        }
    }

    #[test]
    fn b26_what_is_admitted_beside_itself_could_be_registered_and_differs_by_its_port(
        port in proptest::option::of(any::<u16>()),
        presented in r"http://(127\.0\.0\.1|\[::1\]|localhost)[:0-9@./a-c?#\\%]{0,12}",
    ) {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        if let Ok(registered) = format!("http://127.0.0.1{port}/a").parse::<RedirectUri>() && registered.admits(&presented) {
            prop_assert!(presented.starts_with("http://127.0.0.1") && presented.ends_with("/a"));
            prop_assert!(presented.parse::<RedirectUri>().is_ok());
        }
    }

    #[test]
    fn b26_another_byte_anywhere_is_another_address(position in 0..REGISTERED.len(), byte in 0_u8..0x80) {
        let mut bytes = REGISTERED.as_bytes().to_vec();
        prop_assume!(bytes[position] != byte);
        bytes[position] = byte;
        let registered: RedirectUri = REGISTERED.parse().unwrap();
        prop_assert!(!registered.admits(&String::from_utf8(bytes).unwrap()));
    }

    #[test]
    fn b26_browsers_read_in_it_what_we_do(
        text in r"(https|http|com\.example)://(a\.test|127\.0\.0\.1|\[::1\]|localhost)(:[0-9]{1,5})?[/?#@:;.%2efEF5cC\\ a-z]{0,12}",
    ) {
        if let Ok(uri) = text.parse::<RedirectUri>() {
            let url = Url::parse(&text).expect("what is registered is a URL");
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
            let (_, rest) = text.split_once("://").expect("an authority");
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let path = rest[authority.len()..].split('?').next().unwrap_or_default();
            prop_assert_eq!(url.path(), if path.is_empty() && !uri.is_private_use() { "/" } else { path });
            if !uri.is_private_use() {
                let origin: Origin = uri.destination().parse().expect("an origin");
                prop_assert_eq!(url.origin().ascii_serialization(), origin.as_str());
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_fall(text in any::<String>()) {
        let _ = text.parse::<RedirectUri>();
        let registered: RedirectUri = "http://localhost/a".parse().unwrap();
        let presented = format!("http://localhost{text}/a");
        prop_assert!(!registered.admits(&presented) || text.is_empty() || text.starts_with(':'));
    }
}

fn hostile() -> Vec<String> {
    let path = |tail: &str| format!("https://app.example.com{tail}");
    let schemes = SCHEMES.iter().map(|scheme| (*scheme).to_owned());
    let authorities = AUTHORITIES.iter().map(|rest| format!("https://{rest}"));
    let tails = TAILS.iter().map(|tail| path(tail));
    let loopbacks = LOOPBACKS.iter().map(|uri| (*uri).to_owned());
    let long = [format!("https://a.test/{}", "a".repeat(2000)), path(&"/a".repeat(100_000))];
    schemes.chain(authorities).chain(tails).chain(loopbacks).chain(long).collect()
}

const SCHEMES: [&str; 47] = [
    "",
    " ",
    "*",
    "null",
    "/callback",
    "//evil.test/callback",
    "\\\\evil.test\\callback",
    "app.example.com/callback",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "javascript://app.example.com/%0aalert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    " javascript:alert(1)",
    "javascript.:alert(1)",
    ".javascript:/x",
    "java..script:/x",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:/text",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "file://evil.test/share",
    "blob:https://app.example.com/1",
    "filesystem:https://app.example.com/x",
    "about:blank",
    "view-source:https://app.example.com/",
    "intent://app.example.com#Intent;scheme=https;end",
    "ws://app.example.com/",
    "wss://app.example.com/",
    "ftp://app.example.com/",
    "mailto:a@app.example.com",
    "tel:110",
    "chrome://settings",
    "ms-msdt:/id",
    "myapp://callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "http://app.example.com/callback",
    "HTTPS://app.example.com/callback",
    "Https://app.example.com/callback",
    "https:app.example.com/callback",
    "https:/app.example.com/callback",
    "https;//app.example.com/callback",
    "com.example.app:callback",
    "com.example.app://user@host/callback",
];

const AUTHORITIES: [&str; 40] = [
    "",
    "/",
    "/app.example.com/callback",
    "?app.example.com",
    "#",
    "user@app.example.com/callback",
    "user:password@app.example.com/callback",
    "app.example.com@evil.test/callback",
    "app.example.com:443@evil.test/callback",
    "app.example.com%40evil.test/callback",
    "@app.example.com/callback",
    "app.example.com\\@evil.test/callback",
    "evil.test\\.app.example.com/callback",
    "evil.test\\/app.example.com/callback",
    "APP.example.com/callback",
    "app.example.com./callback",
    "app..example.com/callback",
    ".app.example.com/callback",
    "*.example.com/callback",
    "*/callback",
    "app.example.com:/callback",
    "app.example.com:0/callback",
    "app.example.com:00443/callback",
    "app.example.com:65536/callback",
    "app.example.com:443:443/callback",
    "app.example.com:+443/callback",
    "app.example.com%00.evil.test/callback",
    "app.example.com%2f.evil.test/callback",
    "app.example.com%2eevil.test/callback",
    "app.example.com,evil.test/callback",
    "app.example.com;evil.test/callback",
    "app.example.com&evil.test/callback",
    "app example.com/callback",
    "аpp.example.com/callback",
    "app。example.com/callback",
    "[::1/callback",
    "[0:0:0:0:0:0:0:1]/callback",
    "[fe80::1%25eth0]/callback",
    "2130706433/callback",
    "0x7f.0.0.1/callback",
];

const TAILS: [&str; 40] = [
    "/callback#",
    "/callback#access_token=x",
    "/../callback",
    "/callback/..",
    "/callback/../evil",
    "/callback/./",
    "/.",
    "/callback/%2e%2e/evil",
    "/callback/%2E%2E/evil",
    "/callback/.%2e/evil",
    "/callback/%2e./evil",
    "/%2e/callback",
    "/callback/..;/evil",
    "/callback/%2e%2e;x=1/evil",
    "/callback/%252e%252e/evil",
    "/callback%2f..%2fevil",
    "/callback%2Fevil",
    "/callback%5c..%5cevil",
    "/callback\\..\\evil",
    "/\\evil.test",
    "/callback%",
    "/callback%2",
    "/callback%zz",
    "/callback%00",
    "/callback%0d%0aLocation:%20https://evil.test",
    "/callback\r\nLocation: https://evil.test",
    "/callback%7f",
    "/callback%c0%ae%c0%ae/evil",
    "/callback%E2%80%AE",
    "/call back",
    " /callback",
    "/callback\u{0}",
    "/callback\u{202e}",
    "/cällback",
    "/callback/*",
    "/callback/%2a",
    "/callback?x=*",
    "/callback?x=%0d%0a",
    "/callback?<script>",
    "/callback?x=\"onload=alert(1)",
];

const LOOPBACKS: [&str; 15] = [
    "http://127.0.0.1.evil.test/callback",
    "http://127.0.0.1@evil.test/callback",
    "http://127.0.0.1:80@evil.test/callback",
    "http://localhost.evil.test/callback",
    "http://localhost@evil.test/callback",
    "http://localhost\\.evil.test/callback",
    "http://LOCALHOST/callback",
    "http://127.0.0.2/callback",
    "http://127.1/callback",
    "http://0.0.0.0/callback",
    "http://[::]/callback",
    "http://[::ffff:127.0.0.1]/callback",
    "http://[::1]evil.test/callback",
    "http://192.168.0.1/callback",
    "http://127.0.0.1:080/callback",
];
