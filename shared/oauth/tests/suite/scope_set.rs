//! Lists of scopes: the grammar of a request and what it may get.

use mintage_oauth::{Scope, ScopeError, ScopeSet};
use proptest::collection::vec;
use proptest::prelude::*;

fn granted() -> ScopeSet {
    ["read:demo", "write:demo"].into_iter().filter_map(|text| text.parse().ok()).collect()
}

fn names(scopes: &[Scope]) -> Vec<&str> {
    scopes.iter().map(Scope::as_str).collect()
}

#[test]
fn b3_an_empty_or_badly_spaced_scope_list_is_refused() {
    for bad in ["", " ", " a", "a ", "a  b", "a   b"] {
        assert_eq!(ScopeSet::parse_delimited(bad).unwrap_err(), ScopeError::Empty, "{bad:?}");
    }
    for bad in ["a\tb", "a\nb", "a,\u{a0}b", "a\u{2003}b", "a+\"b\"", "a\\b"] {
        assert_eq!(ScopeSet::parse_delimited(bad).unwrap_err(), ScopeError::Character, "{bad:?}");
    }
}

#[test]
fn b3_a_repeated_scope_is_refused() {
    for bad in ["a a", "a b a", "read:demo write:demo read:demo"] {
        assert_eq!(ScopeSet::parse_delimited(bad).unwrap_err(), ScopeError::Duplicate, "{bad:?}");
    }
}

#[test]
fn b3_a_case_variant_is_another_scope() {
    let asked = ScopeSet::parse_delimited("Read:demo read:demo READ:DEMO").unwrap();
    assert_eq!(names(&asked.missing_from(&granted())), ["Read:demo", "READ:DEMO"]);
}

#[test]
fn b3_a_wildcard_or_prefix_grants_nothing() {
    for asked in ["*", "read:*", "read", "read:", "read:demo*", "read:demo:all", "*:demo"] {
        let asked = ScopeSet::parse_delimited(asked).unwrap();
        assert_eq!(asked.missing_from(&granted()).len(), 1, "{asked:?}");
        let wildcard_grant = granted();
        assert!(!wildcard_grant.contains("read:anything"));
    }
    let everything: ScopeSet = ["*".parse().unwrap()].into_iter().collect();
    assert_eq!(names(&granted().missing_from(&everything)), ["read:demo", "write:demo"]);
}

#[test]
fn b3_an_undeclared_scope_is_named_as_missing_and_only_it() {
    let asked = ScopeSet::parse_delimited("delete:demo read:demo admin").unwrap();
    assert_eq!(names(&asked.missing_from(&granted())), ["delete:demo", "admin"]);
    assert!(granted().missing_from(&granted()).is_empty());
}

#[test]
fn b3_a_list_without_end_is_refused() {
    let list = |length: usize| (0..length).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(ScopeSet::parse_delimited(&list(100)).unwrap().len(), 100);
    assert_eq!(ScopeSet::parse_delimited(&list(101)).unwrap_err(), ScopeError::TooMany);
    assert_eq!(ScopeSet::parse_delimited(&"s ".repeat(1_000_000)).unwrap_err(), ScopeError::Duplicate);
}

#[test]
fn scopes_that_come_one_by_one_follow_the_same_rules() {
    assert_eq!(ScopeSet::parse_each(["b", "a"]).unwrap().to_delimited(), "b a");
    assert_eq!(ScopeSet::parse_each(["a", "a"]).unwrap_err(), ScopeError::Duplicate);
    assert_eq!(ScopeSet::parse_each(["a b"]).unwrap_err(), ScopeError::Character);
    assert_eq!(ScopeSet::parse_each([""]).unwrap_err(), ScopeError::Empty);
    assert!(ScopeSet::parse_each::<&str>([]).unwrap().is_empty());
}

#[test]
fn the_order_of_definition_is_kept_and_does_not_make_a_set_another() {
    let left = ScopeSet::parse_delimited("z a m").unwrap();
    assert_eq!(left.to_delimited(), "z a m");
    assert_eq!(left, ScopeSet::parse_delimited("a m z").unwrap());
    assert_ne!(left, ScopeSet::parse_delimited("a m").unwrap());
    assert_ne!(left, ScopeSet::parse_delimited("a m y").unwrap());
}

#[test]
fn a_collected_set_counts_a_repeated_scope_once_where_it_came_first() {
    let scopes = ["b", "a", "b", "c", "a"].map(|text| text.parse::<Scope>().unwrap());
    assert_eq!(scopes.into_iter().collect::<ScopeSet>().to_delimited(), "b a c");
}

#[test]
fn no_scope_is_an_empty_text() {
    assert_eq!(ScopeSet::default().to_delimited(), "");
    assert!(ScopeSet::default().is_empty());
}

proptest! {
    #[test]
    fn whatever_parses_is_written_as_it_was(text in r"[ -~]{0,40}") {
        if let Ok(scopes) = ScopeSet::parse_delimited(&text) {
            prop_assert_eq!(scopes.to_delimited(), text);
        }
    }

    #[test]
    fn a_set_is_written_and_read_back(texts in vec(r"[!#-\[\]-~]{1,12}", 1..40)) {
        let scopes: ScopeSet = texts.iter().map(|text| text.parse::<Scope>().unwrap()).collect();
        let read = ScopeSet::parse_delimited(&scopes.to_delimited()).unwrap();
        prop_assert!(read.iter().eq(scopes.iter()));
    }

    #[test]
    fn what_is_missing_and_what_is_granted_are_all_that_was_asked(
        asked in vec("[a-f]{1,2}", 0..20),
        granted in vec("[a-f]{1,2}", 0..20),
    ) {
        let set = |texts: &[String]| texts.iter().map(|text| text.parse::<Scope>().unwrap()).collect::<ScopeSet>();
        let (asked, granted) = (set(&asked), set(&granted));
        let missing = asked.missing_from(&granted);
        prop_assert!(missing.iter().all(|scope| !granted.contains(scope.as_str())));
        let held = asked.iter().filter(|scope| granted.contains(scope.as_str())).count();
        prop_assert_eq!(held + missing.len(), asked.len());
    }

    #[test]
    fn no_text_makes_the_parser_fall(text in any::<String>()) {
        let _ = ScopeSet::parse_delimited(&text);
    }
}
