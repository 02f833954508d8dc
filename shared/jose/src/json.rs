//! JSON as strangers send it: an object, each member once, nested no deeper than need be.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The members of the object that `text` is. Nothing when `text` is no JSON object, is nested deeper than
/// [`MAX_DEPTH`], or names a member twice: which of the two counts is where parsers differ (RFC 8725 section 2.4).
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let mut source = serde_json::Deserializer::from_slice(text);
    let object = source.deserialize_map(Strict { levels: MAX_DEPTH }).ok()?;
    source.end().ok()?;
    match object {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// How many objects and arrays may stand in one another, the outermost counted.
pub(crate) const MAX_DEPTH: u8 = 16;

#[derive(Clone, Copy)]
struct Strict {
    levels: u8,
}

impl Strict {
    fn inside<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| E::custom("nested too deep"))?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with distinct members")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut elements = Vec::new();
        while let Some(element) = source.next_element_seed(inside)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Map::new();
        while let Some(name) = source.next_key::<String>()? {
            let value = source.next_value_seed(inside)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_twice_is_refused_at_every_level() {
        assert!(object(br#"{"a":1,"b":{"a":1}}"#).is_some());
        assert!(object(br#"{"a":1,"a":1}"#).is_none());
        assert!(object(br#"{"b":[{"a":1,"\u0061":2}]}"#).is_none());
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(object(nested(usize::from(MAX_DEPTH)).as_bytes()).is_some());
        assert!(object(nested(usize::from(MAX_DEPTH) + 1).as_bytes()).is_none());
        assert!(object(nested(5_000).as_bytes()).is_none());
    }

    #[test]
    fn only_one_whole_object_is_read() {
        for text in ["", "[]", "1", "\"a\"", "null", "{}{}", "{} x", "\u{feff}{}", "{\"a\":1e400}", "{\"a\":NaN}"] {
            assert!(object(text.as_bytes()).is_none(), "{text}");
        }
        assert!(object(b" {\"a\":-1.5}\n").is_some());
        assert!(object(b"{\"a\":\"\xff\"}").is_none());
    }
}
