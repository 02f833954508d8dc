//! Turns layered settings into the structs of a service. Knows where it is, so that every refusal names its key.

use std::fmt::{self, Display};

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use toml::Value;

use super::layers::{Leaf, Node};
use super::{ConfigError, quantity};

/// Reads what stands at `path`.
pub(super) struct Reader<'n> {
    node: &'n Node,
    path: String,
}

impl<'n> Reader<'n> {
    /// From the top.
    pub(super) const fn new(node: &'n Node) -> Self {
        Self { node, path: String::new() }
    }

    /// The key as whoever gave the value knows it.
    fn key(&self) -> String {
        match self.node {
            Node::Leaf(Leaf::Variable(name, _)) => format!("{} ({name})", self.path),
            Node::Leaf(Leaf::File(file, _)) => format!("{} ({})", self.path, file.display()),
            _ => self.path.clone(),
        }
    }

    fn wrong(&self, what: impl Display) -> Refusal {
        Refusal::At(ConfigError::Value { key: self.key(), what: what.to_string() })
    }

    /// Names the key that serde's own refusals do not know.
    fn place<T>(&self, outcome: Result<T, Refusal>) -> Result<T, Refusal> {
        outcome.map_err(|refusal| match refusal {
            Refusal::Somewhere(what) => self.wrong(what),
            placed => placed,
        })
    }

    /// The text of a leaf that has one.
    fn text(&self) -> Option<&'n str> {
        match self.node {
            Node::Leaf(Leaf::Toml(Value::String(text)) | Leaf::Variable(_, text)) => Some(text),
            Node::Leaf(Leaf::File(_, content)) => std::str::from_utf8(content).ok().map(str::trim_end),
            _ => None,
        }
    }

    fn number<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let outcome = match (self.node, self.text()) {
            (Node::Leaf(Leaf::Toml(Value::Integer(number))), _) => visitor.visit_i64(*number),
            (_, Some(text)) => match quantity::number(text) {
                Some(number) => visitor.visit_u64(number),
                None => Err(self.wrong("this is no whole number, and no size such as \"64 KiB\"")),
            },
            _ => Err(self.wrong("this is no whole number")),
        };
        self.place(outcome)
    }

    fn duration<V: Visitor<'n>>(&self, visitor: V) -> Result<V::Value, Refusal> {
        let wrong = || self.wrong("this is no length of time such as \"500 ms\", \"15s\" or \"1 min 30 s\"");
        let length = self.text().and_then(quantity::duration).ok_or_else(wrong)?;
        let parts = [("secs", length.as_secs()), ("nanos", length.subsec_nanos().into())];
        self.place(visitor.visit_map(MapDeserializer::new(parts.into_iter())))
    }

    fn section<V: Visitor<'n>>(&self, keys: &[&'static str], visitor: V) -> Result<V::Value, Refusal> {
        let Node::Section(section) = self.node else { return Err(self.wrong("this is a section, not a setting")) };
        let within = |key: &str| if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        if let Some((key, node)) = section.iter().find(|(key, _)| !keys.contains(&key.as_str())) {
            let key = Reader { node, path: within(key) };
            return Err(Refusal::At(ConfigError::Unknown { key: key.key(), hint: hint(&key.path, &self.path, keys) }));
        }
        self.place(visitor.visit_map(Settings { within: &within, left: section.iter(), next: None }))
    }
}

/// What may have been meant by the last part of `path`.
fn hint(path: &str, section: &str, keys: &[&str]) -> String {
    let given = path.rsplit('.').next().unwrap_or_default();
    let nearest = keys.iter().max_by(|a, b| strsim::jaro_winkler(given, a).total_cmp(&strsim::jaro_winkler(given, b)));
    match nearest {
        Some(key) if strsim::jaro_winkler(given, key) > NEAR => format!("; did you mean {key}?"),
        _ if section.is_empty() => format!("; there are {}", keys.join(", ")),
        _ => format!("; {section} has {}", keys.join(", ")),
    }
}

/// The settings of one section, one after the other.
struct Settings<'s, 'n> {
    within: &'s dyn Fn(&str) -> String,
    left: std::collections::btree_map::Iter<'n, String, Node>,
    next: Option<Reader<'n>>,
}

impl<'n> MapAccess<'n> for Settings<'_, 'n> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'n>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some((key, node)) = self.left.next() else { return Ok(None) };
        self.next = Some(Reader { node, path: (self.within)(key) });
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'n>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let reader = self.next.take().ok_or_else(|| Refusal::Somewhere("a value without a key".to_owned()))?;
        let here = Reader { node: reader.node, path: reader.path.clone() };
        here.place(seed.deserialize(reader))
    }
}

impl<'n> Deserializer<'n> for Reader<'n> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let outcome = match (self.node, self.text()) {
            (_, Some(text)) => visitor.visit_str(text),
            (Node::Leaf(Leaf::Toml(Value::Boolean(truth))), _) => visitor.visit_bool(*truth),
            (Node::Leaf(Leaf::Toml(Value::Integer(number))), _) => visitor.visit_i64(*number),
            (Node::Leaf(Leaf::Toml(Value::Float(number))), _) => visitor.visit_f64(*number),
            (Node::Leaf(Leaf::File(..)), _) => Err(self.wrong("the file is not UTF-8")),
            _ => Err(self.wrong("this is not what the setting takes")),
        };
        self.place(outcome)
    }

    fn deserialize_bool<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match (self.node, self.text()) {
            (Node::Leaf(Leaf::Toml(Value::Boolean(truth))), _) => visitor.visit_bool(*truth),
            (Node::Leaf(Leaf::Variable(..)), Some("true")) => visitor.visit_bool(true),
            (Node::Leaf(Leaf::Variable(..)), Some("false")) => visitor.visit_bool(false),
            _ => Err(self.wrong("this is neither true nor false")),
        }
    }

    fn deserialize_i64<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.number(visitor)
    }

    fn deserialize_u16<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.number(visitor)
    }

    fn deserialize_u32<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.number(visitor)
    }

    /// The bytes of a file as they are; text otherwise.
    fn deserialize_bytes<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node {
            Node::Leaf(Leaf::File(_, content)) => self.place(visitor.visit_bytes(content)),
            _ => self.deserialize_any(visitor),
        }
    }

    /// In the environment, what stands between commas; a file as it is, to those who can read that.
    fn deserialize_seq<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let outcome = match (self.node, self.text()) {
            (Node::Leaf(Leaf::Toml(Value::Array(items))), _) => {
                let items: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
                let items = items.ok_or_else(|| self.wrong("this is no list of texts"))?;
                visitor.visit_seq(SeqDeserializer::new(items.into_iter()))
            }
            (Node::Leaf(Leaf::Variable(..)), Some(text)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            (Node::Leaf(Leaf::File(_, content)), _) => visitor.visit_bytes(content),
            _ => Err(self.wrong("this is no list")),
        };
        self.place(outcome)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        name: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        // serde would have a length of time as two numbers.
        if name == "Duration" { self.duration(visitor) } else { self.section(keys, visitor) }
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let known = self.text().filter(|text| choices.contains(text));
        let choice = known.ok_or_else(|| self.wrong(format_args!("this is none of {}", choices.join(", "))))?;
        let choice: StrDeserializer<'_, Refusal> = choice.into_deserializer();
        visitor.visit_enum(choice)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'n>>
        i8 i16 i32 u8 f32 f64 char str string byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

/// Why reading ended.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Where that is known.
    At(ConfigError),
    /// In serde's words, before a reader adds the key.
    Somewhere(String),
}

impl From<Refusal> for ConfigError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::At(error) => error,
            Refusal::Somewhere(what) => Self::Bounds(what),
        }
    }
}

impl de::Error for Refusal {
    fn custom<T: Display>(what: T) -> Self {
        Self::Somewhere(what.to_string())
    }

    /// Without the value itself, which may be a secret.
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Somewhere(format!("this is not {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = expected.to_string();
        let is_count = expected.starts_with("a nonzero");
        Self::Somewhere(if is_count { "must be from 1 up".to_owned() } else { format!("this is not {expected}") })
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(error) => error.fmt(f),
            Self::Somewhere(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Refusal {}

/// How alike two words are that were meant to be one (Jaro-Winkler).
const NEAR: f64 = 0.8;

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::U64Deserializer;

    use super::*;

    #[test]
    fn a_count_that_is_zero_is_told_from_where_counts_begin() {
        let zero: U64Deserializer<Refusal> = 0_u64.into_deserializer();
        let refused = NonZeroUsize::deserialize(zero).unwrap_err();
        assert_eq!(refused.to_string(), "must be from 1 up");
    }
}
