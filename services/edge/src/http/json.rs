//! A JSON body, read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::{Parameters, Refusal, Value};

/// Reads an `application/json` body: one object, whose members are the parameters.
///
/// # Errors
/// When the bytes are no JSON object, or a parameter breaks its rule.
pub fn parse(body: &[u8]) -> Result<Parameters<'_>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::BodyUnreadable)?;
    let Members(read) = serde_json::from_str(text).map_err(|_| Refusal::BodyUnreadable)?;
    read
}

/// The outcome stands inside: the whole text must be JSON before any rule of a parameter is looked at.
struct Members<'a>(Result<Parameters<'a>, Refusal>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut parameters = Parameters::default();
        let mut outcome = Ok(());
        while let Some(Text(name)) = members.next_key()? {
            if outcome.is_err() {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let Member(value) = members.next_value()?;
            outcome = parameters.add(name, value);
        }
        Ok(Members(outcome.map(|()| parameters)))
    }
}

/// A text, borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Member::deserialize(deserializer)? {
            Member(Value::Text(text)) => Ok(Self(text)),
            Member(_) => Err(D::Error::custom("not a string")),
        }
    }
}

struct Member<'a>(Value<'a>);

impl<'de> Deserialize<'de> for Member<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor).map(Self)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Some(Vec::new());
        while let Some(Member(item)) = items.next_element()? {
            match (item, &mut list) {
                (Value::Text(text), Some(list)) => list.push(text),
                _ => list = None,
            }
        }
        Ok(list.map_or(Value::Other, Value::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Authorization, TokenRequest};

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = parse(&body);
        }

        #[test]
        fn no_text_of_json_makes_it_panic(body in r#"\{("[a-z_]{0,13}"|[{}\[\]:,0-9]|null|true|\\u[0-9a-f]{4}){0,40}\}"#) {
            let _ = parse(body.as_bytes());
        }

        #[test]
        fn what_an_encoder_wrote_is_read_back(id in "\\PC{1,20}", secret in "\\PC{1,40}", audience in "\\PC{1,40}") {
            let body = serde_json::json!({
                "grant_type": "client_credentials", "client_id": id, "client_secret": secret, "audience": audience,
            }).to_string();
            let request = TokenRequest::read(parse(body.as_bytes()).unwrap(), Authorization::Absent).unwrap();
            prop_assert_eq!(request.client.id, id);
            prop_assert_eq!(request.client.secret.as_deref(), Some(secret.as_str()));
            prop_assert_eq!(request.audience.as_deref(), Some(audience.as_str()));
        }
    }

    #[test]
    fn b7_a_member_that_stands_twice_is_refused() {
        let repeated = |parameter: &'static str| Err(Refusal::ParameterRepeated { parameter: parameter.into() });
        assert_eq!(parse(br#"{"scope":"a","scope":"b"}"#), repeated("scope"));
        assert_eq!(parse(br#"{"scope":null,"sc\u006fpe":"b"}"#), repeated("scope"));
    }

    #[test]
    fn bytes_that_are_no_object_are_refused() {
        let deep = format!("{{\"scope\":{}", "[".repeat(10_000));
        let bodies =
            ["", "null", "[]", "\"a\"", "{", "{}x", "{\"a\":1,}", "{a:1}", "{\"a\":\"\\ud800\"}", deep.as_str()];
        for body in bodies {
            assert_eq!(parse(body.as_bytes()), Err(Refusal::BodyUnreadable), "{body:.40}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(Refusal::BodyUnreadable));
    }

    #[test]
    fn broken_json_is_told_before_a_broken_parameter() {
        assert_eq!(parse(br#"{"scope":1,"scope":2"#), Err(Refusal::BodyUnreadable));
    }

    #[test]
    fn other_kinds_are_refused_where_the_name_is_known_and_ignored_elsewhere() {
        for value in ["1", "-1", "1.5", "true", "{\"a\":1}", "[\"a\"]", "[1]"] {
            let known = format!("{{\"client_id\":{value}}}");
            assert!(matches!(parse(known.as_bytes()), Err(Refusal::ParameterInvalid { .. })), "{value}");
            assert!(parse(format!("{{\"color\":{value}}}").as_bytes()).is_ok(), "{value}");
        }
        assert_eq!(parse(br#"{"scope":[1]}"#), Err(Refusal::ScopeNotText));
        assert_eq!(parse(br#"{"scope":{}}"#), Err(Refusal::ScopeNotText));
    }
}
