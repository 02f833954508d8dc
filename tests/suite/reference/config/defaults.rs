//! The values that stand in `Default`, as settings are written.

use serde_json::Value as Json;

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing: it may be told or must be.
    Absent,
    /// A text, a choice, an address, or a list of nothing.
    Plain(String),
    /// A whole number.
    Number(u64),
    /// A struct.
    Section(Vec<(String, Value)>),
}

/// Reads what serde makes of settings.
pub(super) fn read(json: &Json) -> Value {
    match json {
        Json::Null => Value::Absent,
        Json::Bool(truth) => Value::Plain(format!("`{truth}`")),
        Json::Number(number) => Value::Number(number.as_u64().expect("a setting is a whole number")),
        Json::String(text) => Value::Plain(format!("`{text}`")),
        Json::Array(items) if items.is_empty() => Value::Plain("none".to_owned()),
        Json::Array(_) => panic!("a list that is not empty by default"),
        Json::Object(fields) => match (fields.get("secs"), fields.get("nanos")) {
            (Some(seconds), Some(nanos)) => Value::Plain(length(seconds, nanos)),
            _ => Value::Section(fields.iter().map(|(name, field)| (name.clone(), read(field))).collect()),
        },
    }
}

/// A number of bytes as a person writes it.
pub(super) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    fits.map_or(format!("{bytes} B"), |(unit, name)| format!("{} {name}", bytes / unit))
}

#[test]
fn defaults_read_as_people_write_them() {
    let length = |seconds: u64, nanos: u64| read(&serde_json::json!({ "secs": seconds, "nanos": nanos }));
    for (seconds, millis, text) in [
        (10, 0, "10 s"),
        (60, 0, "1 min"),
        (86_400, 0, "1 d"),
        (2_592_060, 0, "30 d 1 min"),
        (0, 0, "0 s"),
        (0, 250, "250 ms"),
        (1, 500, "1 s 500 ms"),
    ] {
        assert_eq!(length(seconds, millis * 1_000_000), Value::Plain(text.to_owned()));
    }
    for (bytes, text) in [(65_536, "64 KiB"), (4_194_304, "4 MiB"), (1000, "1000 B")] {
        assert_eq!(size(bytes), text);
    }
}

fn length(seconds: &Json, nanos: &Json) -> String {
    let number = |json: &Json| json.as_u64().expect("a part of a length of time");
    let mut rest = number(seconds) * 1000 + number(nanos) / 1_000_000;
    let mut parts = Vec::new();
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")] {
        if rest >= unit {
            parts.push(format!("{} {name}", rest / unit));
            rest %= unit;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}
