//! What may be noted about a client.

use mintage_oauth::{Metadata, MetadataError, MetadataKeyError};

#[test]
fn metadata_holds_ten_pairs_ordered_by_key() {
    let pairs = |count: usize| (0..count).rev().map(|n| (format!("k{n}"), n.to_string()));
    let metadata = Metadata::from_pairs(pairs(10)).unwrap();
    assert_eq!(metadata.len(), 10);
    assert!(metadata.iter().map(|(key, _)| key).is_sorted());
    assert_eq!(metadata.get("k7"), Some("7"));
    assert_eq!(metadata.get("k10"), None);
    assert_eq!(Metadata::from_pairs(pairs(11)), Err(MetadataError::TooMany));
    assert!(Metadata::default().is_empty());
}

#[test]
fn keys_and_values_are_measured_in_characters() {
    let of = |key: &str, value: &str| Metadata::from_pairs([(key, value)]);
    assert!(of(&"é".repeat(255), &"日".repeat(255)).is_ok());
    assert!(of("k", "").is_ok());
    assert_eq!(of("", "v"), Err(MetadataKeyError::Empty.into()));
    assert_eq!(of(&"é".repeat(256), "v"), Err(MetadataKeyError::TooLong.into()));
    assert_eq!(of("k", &"日".repeat(256)), Err(MetadataError::ValueTooLong));
}

#[test]
fn what_postgresql_cannot_store_is_refused_on_every_database() {
    assert_eq!(Metadata::from_pairs([("a\0", "v")]), Err(MetadataKeyError::Nul.into()));
    assert_eq!(Metadata::from_pairs([("a", "v\0")]), Err(MetadataError::ValueNul));
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    assert_eq!(Metadata::from_pairs([("a", "1"), ("a", "1")]), Err(MetadataError::Duplicate));
}

#[test]
fn metadata_is_a_json_object_and_its_rules_hold_there_too() {
    let json = r#"{"a":"1","b":"2"}"#;
    let metadata: Metadata = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&metadata).unwrap(), json);
    assert!(serde_json::from_str::<Metadata>(r#"{"":"1"}"#).is_err());
    assert!(serde_json::from_str::<Metadata>(r#"{"a":1}"#).is_err());
}
