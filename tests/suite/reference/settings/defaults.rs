//! The values that stand in `Default`, read from their `Debug`.

use std::fmt::Debug;

use syn::{Expr, ExprLit, ExprStruct, Lit, Member};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number, a text, or a length of time as `10s`.
    Plain(String),
    /// A struct, with its name.
    Struct(String, Vec<(String, Value)>),
}

/// The struct's name and its fields. What `#[derive(Debug)]` writes of settings is, to the letter, a Rust expression:
/// `10s` is a literal with a suffix.
pub(super) fn read(settings: &dyn Debug) -> (String, Vec<(String, Value)>) {
    let text = format!("{settings:?}");
    let expression = syn::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    fields(&expression)
}

/// A plain value as a person writes it.
pub(super) fn shown(value: &str, bytes: bool) -> String {
    let digits = value.trim_end_matches(|letter: char| letter.is_alphabetic());
    match (digits.parse(), value.get(digits.len()..).unwrap_or_default()) {
        (Ok(number), "s") => length(number),
        (Ok(number), "") if bytes => size(number),
        (Ok(_), "") => digits.to_owned(),
        (_, unit) if !digits.is_empty() && digits.parse::<f64>().is_ok() => format!("{digits} {unit}"),
        _ if value == "none" => value.to_owned(),
        _ => format!("`{value}`"),
    }
}

#[test]
fn defaults_read_as_people_write_them() {
    let cases = [
        ("10s", false, "10 s"),
        ("60s", false, "1 min"),
        ("86400s", false, "1 d"),
        ("2592060s", false, "30 d 1 min"),
        ("0s", false, "0 s"),
        ("250ms", false, "250 ms"),
        ("1.5s", false, "1.5 s"),
        ("65536", true, "64 KiB"),
        ("4194304", true, "4 MiB"),
        ("65536", false, "65536"),
        ("1000", true, "1000 B"),
        ("none", false, "none"),
        ("sqlite::memory:", false, "`sqlite::memory:`"),
    ];
    for (value, bytes, text) in cases {
        assert_eq!(shown(value, bytes), text);
    }
}

fn fields(of: &ExprStruct) -> (String, Vec<(String, Value)>) {
    let name = of.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    let fields = of.fields.iter().map(|field| match &field.member {
        Member::Named(name) => (name.to_string(), value(&field.expr)),
        Member::Unnamed(_) => panic!("{name} has fields without names"),
    });
    let fields = fields.collect();
    (name, fields)
}

fn value(of: &Expr) -> Value {
    match of {
        Expr::Struct(within) => {
            let (name, fields) = fields(within);
            Value::Struct(name, fields)
        }
        Expr::Lit(ExprLit { lit, .. }) => Value::Plain(match lit {
            Lit::Str(text) => text.value(),
            Lit::Int(number) => number.to_string(),
            Lit::Float(number) => number.to_string(),
            Lit::Bool(truth) => truth.value.to_string(),
            _ => panic!("a literal that no setting has"),
        }),
        Expr::Array(list) if list.elems.is_empty() => Value::Plain("none".to_owned()),
        _ => panic!("a value that no setting has"),
    }
}

fn length(seconds: u64) -> String {
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")] {
        if rest >= unit || (unit == 1 && parts.is_empty()) {
            parts.push(format!("{} {name}", rest / unit));
            rest %= unit;
        }
    }
    parts.join(" ")
}

fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    fits.map_or(format!("{bytes} B"), |(unit, name)| format!("{} {name}", bytes / unit))
}
