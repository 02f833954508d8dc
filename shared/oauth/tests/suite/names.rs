//! Tenant ids, client ids, audiences and single scopes.

use mintage_clock::Randomness;
use mintage_oauth::{
    Audience, AudienceError, ClientId, ClientIdError, Party, Scope, ScopeError, TenantId, TenantIdError,
};
use proptest::char::range;
use proptest::prelude::*;

#[test]
fn a_tenant_id_is_short_and_lower_case() {
    for good in ["default", "a", "acme-2", "-", &"a".repeat(32)] {
        assert_eq!(good.parse::<TenantId>().unwrap().as_str(), good);
    }
    assert_eq!("".parse::<TenantId>(), Err(TenantIdError::Empty));
    assert_eq!("a".repeat(33).parse::<TenantId>(), Err(TenantIdError::TooLong));
    for bad in ["Acme", "a_b", "a.b", "a b", "../a", "é", "a\0"] {
        assert_eq!(bad.parse::<TenantId>(), Err(TenantIdError::Character), "{bad:?}");
    }
}

#[test]
fn the_default_tenant_has_a_valid_id() {
    let tenant = TenantId::default_tenant();
    assert_eq!(tenant.as_str().parse(), Ok(tenant.clone()));
    assert!(tenant.is_default());
    assert!(!"other".parse::<TenantId>().unwrap().is_default());
}

#[test]
fn a_client_id_is_safe_in_a_url_and_a_log() {
    for good in ["a", "tpc_AbC-9", &"x".repeat(64)] {
        assert_eq!(good.parse::<ClientId>().unwrap().as_str(), good);
    }
    assert_eq!("".parse::<ClientId>(), Err(ClientIdError::Empty));
    assert_eq!("x".repeat(65).parse::<ClientId>(), Err(ClientIdError::TooLong));
    for bad in ["a:b", "a b", "a%20", "auth0|user", "id@clients", "a/b", "ä", "a\n"] {
        assert_eq!(bad.parse::<ClientId>(), Err(ClientIdError::Character), "{bad:?}");
    }
}

#[test]
fn a_generated_client_id_shows_whose_the_client_is() {
    let randomness = Randomness::seeded(1);
    let first = ClientId::generate(Party::First, &randomness);
    let third = ClientId::generate(Party::Third, &randomness);
    assert_eq!(first.as_str().len(), 32);
    assert!(first.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(third.as_str().strip_prefix("tpc_").map(str::len), Some(32));
    for generated in [first, third] {
        assert_eq!(generated.as_str().parse(), Ok(generated.clone()));
    }
}

#[test]
fn an_audience_is_visible_ascii() {
    for good in ["https://demo.mintage.test/", "urn:mintage:management", "orders", &"x".repeat(600)] {
        assert_eq!(good.parse::<Audience>().unwrap().as_str(), good);
    }
    assert_eq!("".parse::<Audience>(), Err(AudienceError::Empty));
    assert_eq!("x".repeat(601).parse::<Audience>(), Err(AudienceError::TooLong));
    for bad in ["a b", " a", "a\t", "a\u{7f}", "https://münchen.test", "a\u{200b}"] {
        assert_eq!(bad.parse::<Audience>(), Err(AudienceError::Character), "{bad:?}");
    }
}

#[test]
fn an_audience_is_compared_byte_for_byte() {
    let api: Audience = "https://api.test".parse().unwrap();
    for other in ["https://api.test/", "https://API.test", "https://api.test:443"] {
        assert_ne!(other.parse::<Audience>().unwrap(), api);
    }
}

#[test]
fn a_scope_is_a_scope_token() {
    for good in ["read:demo", "*", "a'b", "!#[]~", &"s".repeat(280)] {
        assert_eq!(good.parse::<Scope>().unwrap().as_str(), good);
    }
    assert_eq!("".parse::<Scope>(), Err(ScopeError::Empty));
    assert_eq!("s".repeat(281).parse::<Scope>(), Err(ScopeError::TooLong));
    for bad in ["a b", "a\"b", "a\\b", "a\tb", "a\r\nb", "a\0", "lire:données"] {
        assert_eq!(bad.parse::<Scope>(), Err(ScopeError::Character), "{bad:?}");
    }
}

#[test]
fn names_survive_the_trip_through_json_and_bad_ones_do_not_enter_by_it() {
    let client: ClientId = serde_json::from_str("\"abc\"").unwrap();
    assert_eq!(serde_json::to_string(&client).unwrap(), "\"abc\"");
    let refusal = serde_json::from_str::<ClientId>("\"a b\"").unwrap_err().to_string();
    assert!(refusal.starts_with(&ClientIdError::Character.to_string()), "{refusal}");
}

proptest! {
    #[test]
    fn whatever_parses_is_kept_as_it_was(text in any::<String>()) {
        if let Ok(name) = text.parse::<TenantId>() {
            prop_assert_eq!(name.as_str(), &text);
        }
        if let Ok(name) = text.parse::<ClientId>() {
            prop_assert_eq!(name.as_str(), &text);
        }
        if let Ok(name) = text.parse::<Audience>() {
            prop_assert_eq!(name.as_str(), &text);
        }
    }

    #[test]
    fn every_scope_token_of_the_grammar_parses(text in r"[\x21\x23-\x5B\x5D-\x7E]{1,280}") {
        let scope: Scope = text.parse().unwrap();
        prop_assert_eq!(scope.as_str(), &text);
    }

    #[test]
    fn one_foreign_character_spoils_a_scope(
        before in r"[\x21\x23-\x5B\x5D-\x7E]{0,20}",
        foreign in prop_oneof![Just(' '), Just('"'), Just('\\'), range('\0', '\u{1f}'), range('\u{7f}', char::MAX)],
        after in r"[\x21\x23-\x5B\x5D-\x7E]{0,20}",
    ) {
        prop_assert_eq!(format!("{before}{foreign}{after}").parse::<Scope>(), Err(ScopeError::Character));
    }
}
