//! Claim names and static claims.

use mintage_oauth::{
    ClaimMapping, ClaimName, ClaimNameError, ClaimSource, Metadata, MetadataKeyError, is_reserved_claim,
};
use proptest::prelude::*;

#[test]
fn a_claim_name_is_a_web_url_and_is_kept_as_written() {
    let longest = format!("https://a.test/{}", "x".repeat(240));
    for good in [
        "https://example.com/client_name",
        "http://example.com",
        "https://Example.com:443/A?b=c#d",
        "https://localhost/x",
        "https://[::1]/x",
        "https://a.test/%7Euser",
        &longest,
    ] {
        assert_eq!(good.parse::<ClaimName>().unwrap().as_str(), good);
    }
    assert_eq!(format!("{longest}x").parse::<ClaimName>(), Err(ClaimNameError::TooLong));
}

#[test]
fn a_claim_name_that_is_no_web_url_is_refused() {
    for bad in [
        "",
        "client_name",
        "email",
        "urn:example:name",
        "urn:auth0:x",
        "example.com/name",
        "https:/example.com",
        "https:\\\\example.com",
        "https://",
        "https:///x",
        "https://a b/",
        "https://a.test/a b",
        "https://a.test/\"",
        "https://a.test/%",
        "https://a.test/%2",
        "https://a.test/%zz",
        "https://a.test/#a#b",
        "https://a.test/ü",
        "https://a.test/<x>",
        "ftp://a.test/x",
        "https://user@a.test/x",
        "https://a.test/\n",
        "https://a.test/[",
    ] {
        assert_eq!(bad.parse::<ClaimName>(), Err(ClaimNameError::NotUrl), "{bad:?}");
    }
}

#[test]
fn the_namespaces_of_auth0_are_refused_in_every_disguise() {
    for bad in [
        "https://auth0.com/x",
        "http://AUTH0.com",
        "https://a.b.auth0.com/x",
        "https://auth0.com:8443/x",
        "HTTPS://WebTask.IO",
        "https://x.webtask.io/y",
        "https://webtask.run#x",
        "https://webtask.run?x",
    ] {
        assert_eq!(bad.parse::<ClaimName>(), Err(ClaimNameError::ForeignNamespace), "{bad}");
    }
    for bad in ["https://auth0.com./x", "https://x@auth0.com/", "https://auth0%2ecom/", "https://auth0。com/"] {
        assert_eq!(bad.parse::<ClaimName>(), Err(ClaimNameError::NotUrl), "{bad}");
    }
    for good in ["https://notauth0.com/x", "https://auth0.com.example/x", "https://example.com/auth0.com"] {
        assert!(good.parse::<ClaimName>().is_ok(), "{good}");
    }
}

#[test]
fn reserved_names_are_refused_as_such() {
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "azp",
        "gty",
        "client_id",
        "scope",
        "cnf",
        "act",
        "permissions",
        "x5t#S256",
    ] {
        assert!(is_reserved_claim(name), "{name}");
        assert_eq!(name.parse::<ClaimName>(), Err(ClaimNameError::Reserved), "{name}");
    }
    for name in ["email", "name", "Iss", "scope ", "https://example.com/iss", ""] {
        assert!(!is_reserved_claim(name), "{name}");
    }
}

#[test]
fn a_claim_takes_the_clients_name_or_an_entry_of_its_metadata() {
    let metadata = Metadata::from_pairs([("team", "payments"), ("name", "not this")]).unwrap();
    let value = |text: &str| text.parse::<ClaimSource>().unwrap().value("Billing", &metadata).map(str::to_owned);
    assert_eq!(value("client.name").as_deref(), Some("Billing"));
    assert_eq!(value("team").as_deref(), Some("payments"));
    assert_eq!(value("absent"), None);
    assert_eq!("".parse::<ClaimSource>(), Err(MetadataKeyError::Empty));
}

#[test]
fn a_claim_mapping_survives_the_trip_through_json() {
    let json = r#"{"source":"client.name","claim":"https://example.com/name"}"#;
    let mapping: ClaimMapping = serde_json::from_str(json).unwrap();
    assert_eq!(mapping.source, ClaimSource::ClientName);
    assert_eq!(serde_json::to_string(&mapping).unwrap(), json);
    let reserved = r#"{"source":"team","claim":"sub"}"#;
    assert!(serde_json::from_str::<ClaimMapping>(reserved).is_err());
}

proptest! {
    #[test]
    fn nothing_under_a_foreign_namespace_gets_through(
        above in "([a-zA-Z0-9-]{1,8}\\.){0,3}",
        namespace in "(?i:auth0\\.com|webtask\\.io|webtask\\.run)",
        tail in "(:[0-9]{1,5})?([/?#][a-z/?#]{0,10})?",
    ) {
        let name = format!("https://{above}{namespace}{tail}");
        prop_assert!(name.parse::<ClaimName>().is_err());
    }

    #[test]
    fn no_text_makes_the_parser_fall(text in "(https://a\\.test/)?\\PC{0,40}") {
        if let Ok(name) = text.parse::<ClaimName>() {
            prop_assert_eq!(name.as_str(), &text);
            prop_assert!(!is_reserved_claim(&text));
        }
    }
}
