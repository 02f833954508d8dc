//! The rows of one section: words and types of the sources beside the values of `Default`.

use super::defaults::{Value, shown};
use crate::reference::page::code;
use crate::reference::source::{Field, Struct};

/// The knobs of one crate.
pub(super) struct Knobs<'k> {
    home: &'k str,
    known: &'k [Struct],
    pub(super) rows: Vec<[String; 4]>,
    /// What the rows are of, each with the home of its crate.
    pub(super) structs: Vec<(String, String)>,
}

impl<'k> Knobs<'k> {
    /// None yet, for the crate at `home`.
    pub(super) fn of(home: &'k str, known: &'k [Struct]) -> Self {
        Self { home, known, rows: Vec::new(), structs: Vec::new() }
    }

    /// Adds the fields of the struct `name` and of those within it, each under `prefix`.
    pub(super) fn add(&mut self, name: &str, prefix: &str, values: &[(String, Value)]) -> &'k Struct {
        let of = self.found(name);
        self.structs.push((of.home.clone(), of.name.clone()));
        let names = of.fields.iter().map(|field| &field.name);
        assert!(names.eq(values.iter().map(|(name, _)| name)), "the Debug of {name} does not show its fields");
        for (field, (_, value)) in of.fields.iter().zip(values) {
            let path = format!("{prefix}{}", field.name);
            let [kind, default] = match value {
                Value::Struct(..) => Default::default(),
                Value::Plain(text) => plain(of, field, text),
            };
            self.rows.push([code(&path), kind, default, field.doc.clone()]);
            if let Value::Struct(name, within) = value {
                self.add(name, &format!("{path}."), within);
            }
        }
        of
    }

    /// The struct of that name here, or else the only one.
    fn found(&self, name: &str) -> &'k Struct {
        let mut named = self.known.iter().filter(|known| known.name == name);
        let here = named.clone().find(|known| known.home == self.home);
        match (here, named.next(), named.next()) {
            (Some(here), ..) => here,
            (None, Some(only), None) => only,
            _ => panic!("which struct is {name}?"),
        }
    }
}

/// Type and default.
fn plain(of: &Struct, field: &Field, value: &str) -> [String; 2] {
    let bytes = field.name.ends_with("bytes") || of.doc.contains("in bytes");
    let kind = match &*field.kind {
        "Duration" => "length of time",
        "String" => "text",
        "u32" | "u64" | "usize" | "NonZeroUsize" if bytes => "bytes",
        "u32" | "u64" | "usize" | "NonZeroUsize" => "whole number",
        "Vec" => "list",
        other => other,
    };
    let default = if field.name == ONE_A_CORE { "one a core".to_owned() } else { shown(value, bytes) };
    [kind.to_owned(), default]
}

/// The one knob whose default is the machine's.
const ONE_A_CORE: &str = "signing_threads";
