//! Origins and the issuers that stand on them.

use mintage_oauth::{Issuer, IssuerError, Origin, OriginError};
use proptest::prelude::*;

#[test]
fn an_origin_has_one_canonical_form() {
    for (written, canonical) in [
        ("https://auth.example.com", "https://auth.example.com"),
        ("HTTPS://Auth.Example.COM", "https://auth.example.com"),
        ("https://auth.example.com:443", "https://auth.example.com"),
        ("http://auth.example.com:80", "http://auth.example.com"),
        ("http://auth.example.com:443", "http://auth.example.com:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://token_service.mintage.svc", "https://token_service.mintage.svc"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://[2001:DB8:0:0::1]:443", "https://[2001:db8::1]"),
        ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
    ] {
        assert_eq!(written.parse::<Origin>().unwrap().as_str(), canonical, "{written}");
    }
}

#[test]
fn an_origin_has_no_more_than_scheme_host_and_port() {
    for bad in [
        "https://a.test/",
        "https://a.test/path",
        "https://a.test?q",
        "https://a.test#f",
        "https://user@a.test",
        "https://user:pass@a.test",
        "https://a.test\\@b.test",
        "https:///a.test",
        "https://@a.test",
    ] {
        assert_eq!(bad.parse::<Origin>(), Err(OriginError::More), "{bad}");
    }
}

#[test]
fn an_origin_is_of_the_web() {
    for bad in [
        "",
        "a.test",
        "ftp://a.test",
        "httpss://a.test",
        "//a.test",
        "https:a.test",
        "https:/a.test",
        " https://a.test",
    ] {
        assert_eq!(bad.parse::<Origin>(), Err(OriginError::Scheme), "{bad:?}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address_in_its_usual_notation() {
    let long_label = format!("https://{}.test", "a".repeat(64));
    let long_name = format!("https://{}", ["a".repeat(63).as_str(); 4].join("."));
    for bad in [
        "https://",
        "https://.",
        "https://a..b",
        "https://.a",
        "https://a.test.",
        "https://-a.test",
        "https://a-.test",
        "https://a b",
        "https://a%2eb",
        "https://a\tb",
        "https://münchen.test",
        "https://ａ.test",
        "https://a\0",
        "https://*.a.test",
        "https://[::1",
        "https://::1",
        "https://[::1]x",
        "https://[fe80::1%25eth0]",
        "https://[]",
        "https://[1.2.3.4]",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.0.0.1",
        "https://1.2.3.04",
        "https://1.2.3.256",
        "https://1.2.3.4.5",
        "https://a.0x7F",
        "https://a.test,b.test",
        &long_label,
        &long_name,
    ] {
        let refusal = bad.parse::<Origin>().unwrap_err();
        assert!(matches!(refusal, OriginError::Host | OriginError::Port), "{bad:?}: {refusal:?}");
    }
}

#[test]
fn a_port_is_a_plain_number() {
    for bad in ["", "0", "00", "080", "+80", "-1", "65536", "99999999999", "80a", "8 0", ":80", "８０"] {
        for host in ["a.test", "[::1]"] {
            assert_eq!(Origin::from_parts("https", &format!("{host}:{bad}")), Err(OriginError::Port), "{host}:{bad}");
        }
    }
    assert_eq!(Origin::from_parts("https", "a.test:65535").unwrap().as_str(), "https://a.test:65535");
}

#[test]
fn b22_a_host_header_cannot_bring_more_than_a_host() {
    for bad in ["a.test/evil", "evil@a.test", "a.test#", "a.test\r\nx: y", "a.test, b.test", "https://a.test", ""] {
        assert!(Origin::from_parts("https", bad).is_err(), "{bad:?}");
    }
    assert_eq!(Origin::from_parts("HTTP", "A.Test:80").unwrap().as_str(), "http://a.test");
}

#[test]
fn an_origin_tells_its_parts() {
    for (text, scheme, host) in [
        ("https://a.test:8443", "https", "a.test"),
        ("http://a.test", "http", "a.test"),
        ("https://[::1]", "https", "[::1]"),
        ("https://[::1]:8443", "https", "[::1]"),
    ] {
        let origin: Origin = text.parse().unwrap();
        assert_eq!((origin.scheme(), origin.host()), (scheme, host));
    }
}

#[test]
fn an_issuer_is_an_origin_with_a_slash_behind() {
    let origin: Origin = "https://a.test:8443".parse().unwrap();
    let issuer = origin.issuer();
    assert_eq!(issuer.as_str(), "https://a.test:8443/");
    assert_eq!(issuer.origin(), origin);
    assert_eq!(issuer.as_str().parse(), Ok(issuer.clone()));
}

#[test]
fn b22_only_the_canonical_form_is_an_issuer() {
    assert_eq!("https://a.test".parse::<Issuer>(), Err(IssuerError::NoSlash));
    for bad in ["https://A.test/", "HTTPS://a.test/", "https://a.test:443/", "https://[0::1]/"] {
        assert_eq!(bad.parse::<Issuer>(), Err(IssuerError::NotCanonical), "{bad}");
    }
    for bad in ["https://a.test//", "https://a.test/x/", "https://a.test/?/", "https://u@a.test/", "/", "https:///"] {
        assert!(matches!(bad.parse::<Issuer>(), Err(IssuerError::Origin(_))), "{bad}");
    }
}

proptest! {
    #[test]
    fn what_parses_is_stable_when_read_again(text in r"(?i:https?)://[a-zA-Z0-9.:\[\]_-]{1,30}") {
        if let Ok(origin) = text.parse::<Origin>() {
            prop_assert_eq!(origin.as_str().parse::<Origin>(), Ok(origin.clone()));
            prop_assert_eq!(origin.issuer().as_str().parse::<Issuer>(), Ok(origin.issuer()));
            prop_assert_eq!(origin.issuer().origin(), origin);
        }
    }

    #[test]
    fn every_name_with_every_port_is_an_origin(host in "[a-z][a-z0-9]{0,20}(\\.[a-z][a-z0-9]{0,20}){0,3}", port in 1_u16..) {
        let origin = Origin::from_parts("https", &format!("{host}:{port}")).unwrap();
        prop_assert_eq!(origin.host(), &host);
        let written = if port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") };
        prop_assert_eq!(origin.as_str(), written);
    }

    #[test]
    fn every_ipv6_address_is_a_host(address in any::<std::net::Ipv6Addr>()) {
        let origin = Origin::from_parts("http", &format!("[{address}]:1")).unwrap();
        prop_assert_eq!(origin.host(), format!("[{address}]"));
    }

    #[test]
    fn no_text_makes_the_parser_fall(scheme in "https?", text in any::<String>()) {
        if let Ok(origin) = Origin::from_parts(&scheme, &text) {
            prop_assert!(origin.as_str().is_ascii());
            prop_assert!(!origin.host().is_empty());
        }
    }
}

#[test]
fn only_the_machine_itself_is_loopback() {
    for text in
        ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:1", "http://127.1.2.3", "https://LOCALHOST:8443"]
    {
        assert!(text.parse::<Origin>().unwrap().is_loopback(), "{text}");
    }
    for text in [
        "https://localhost.example.com",
        "http://acme.localhost",
        "https://mint.example.com",
        "http://128.0.0.1",
        "http://[::2]",
    ] {
        assert!(!text.parse::<Origin>().unwrap().is_loopback(), "{text}");
    }
}
