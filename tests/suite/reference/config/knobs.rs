//! The rows of one section: words and types of the sources beside the values of `Default`.

use super::defaults::{Value, size};
use crate::reference::page::code;
use crate::reference::source::{Field, Struct};

/// The settings of one section.
pub(super) struct Knobs<'k> {
    known: &'k [Struct],
    pub(super) rows: Vec<[String; 4]>,
    /// What the rows are of.
    pub(super) structs: Vec<&'k Struct>,
}

impl<'k> Knobs<'k> {
    /// None yet.
    pub(super) const fn of(known: &'k [Struct]) -> Self {
        Self { known, rows: Vec::new(), structs: Vec::new() }
    }

    /// Adds the fields of `of` and of the structs within it, each under `prefix`.
    pub(super) fn add(&mut self, of: &'k Struct, prefix: &str, values: &[(String, Value)]) {
        self.structs.push(of);
        let names = of.fields.iter().map(|field| &field.name);
        assert!(names.eq(values.iter().map(|(name, _)| name)), "serde does not show the fields of {}", of.name);
        for (field, (_, value)) in of.fields.iter().zip(values) {
            let path = format!("{prefix}{}", field.name);
            if let Value::Section(within) = value {
                self.rows.push([code(&path), String::new(), String::new(), field.doc.clone()]);
                self.add(found(self.known, of, field), &format!("{path}."), within);
            } else {
                let [kind, default] = plain(of, field, value);
                self.rows.push([code(&path), kind.to_owned(), default, field.doc.clone()]);
            }
        }
    }
}

/// The struct that is the type of `field`: of the crate that its path names, or else of the same crate, or the only one.
pub(super) fn found<'k>(known: &'k [Struct], of: &Struct, field: &Field) -> &'k Struct {
    let named: Vec<_> = known.iter().filter(|known| known.name == field.kind).collect();
    let home = field.home.as_ref().unwrap_or(&of.home);
    match (named.iter().find(|known| known.home == *home), named.as_slice()) {
        (Some(here), _) => here,
        (None, [only]) => only,
        _ => panic!("which struct is {} of {}?", field.kind, of.name),
    }
}

/// Type and default.
fn plain(of: &Struct, field: &Field, value: &Value) -> [String; 2] {
    let bytes = field.name.ends_with("bytes") || of.doc.contains("in bytes");
    let kind = match &*field.kind {
        "Duration" => "length of time",
        "String" => "text",
        "bool" => "`true` or `false`",
        "SocketAddr" => "address",
        "PathBuf" => "path",
        "SecretKey" => "secret, 32 bytes in base64",
        "SecretKeys" => "list of secrets, each 32 bytes in base64",
        "DatabaseUrl" => "secret, URL",
        "SecretText" => "secret",
        "OtlpHeaders" => "secret, headers",
        "LogFormat" => "`json` or `human`",
        "Keeper" => "`sealed` or `pkcs11`",
        "IpNet" => "list of networks",
        "u32" | "u64" | "usize" | "NonZeroUsize" if bytes => "bytes",
        "u32" | "u64" | "usize" | "NonZeroUsize" => "whole number",
        other => panic!("what is {other}?"),
    };
    let default = match value {
        Value::Number(_) if field.name == ONE_A_CORE => "one a core".to_owned(),
        Value::Number(number) if bytes => size(*number),
        Value::Number(number) => number.to_string(),
        Value::Plain(text) => text.clone(),
        Value::Absent | Value::Section(_) => String::new(),
    };
    [kind.to_owned(), default]
}

/// The one knob whose default is the machine's.
const ONE_A_CORE: &str = "signing_threads";
