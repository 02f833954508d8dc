//! Where settings come from: defaults, then the file, then the environment, each over the one before.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Value;
use zeroize::Zeroizing;

use super::{ConfigError, quantity};

/// A setting, or a section of them.
#[derive(Debug)]
pub(super) enum Node {
    Section(Section),
    Leaf(Leaf),
}

pub(super) type Section = BTreeMap<String, Node>;

/// What was given for one setting.
pub(super) enum Leaf {
    /// In TOML; no table.
    Toml(Value),
    /// In the environment variable of that name.
    Variable(String, String),
    /// In a file of its own, which the setting with `_file` at its end names.
    File(PathBuf, Zeroizing<Vec<u8>>),
}

/// Where it was given, and not what: it may be a secret.
impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toml(value) => write!(f, "Toml({})", value.type_str()),
            Self::Variable(name, _) => write!(f, "Variable({name})"),
            Self::File(path, _) => write!(f, "File({})", path.display()),
        }
    }
}

/// What a program's `Default` says, as settings are written.
pub(super) fn defaults(of: Value) -> Node {
    match of {
        Value::Table(table) => match length(&table) {
            Some(text) => Node::Leaf(Leaf::Toml(Value::String(text))),
            None => Node::Section(table.into_iter().map(|(key, value)| (key, defaults(value))).collect()),
        },
        value => Node::Leaf(Leaf::Toml(value)),
    }
}

/// What the file at `path` says.
pub(super) fn file(path: &Path) -> Result<Node, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let text = Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?);
    let table: toml::Table = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::Syntax { path: path.to_owned(), line, what: error.message().to_owned() }
    })?;
    let mut section = section(table);
    read_files(&mut section, "")?;
    Ok(Node::Section(section))
}

/// What the variables `MINTAGE_<SECTION>__<KEY>` say. An empty one says nothing.
pub(super) fn environment(variables: impl Iterator<Item = (String, String)>) -> Result<Node, ConfigError> {
    let mut root = Section::new();
    for (name, value) in variables.filter(|(_, value)| !value.is_empty()) {
        let Some(path) = name.strip_prefix(PREFIX).filter(|rest| rest.contains(BETWEEN)) else { continue };
        let path = path.to_ascii_lowercase();
        let (sections, last) = path.rsplit_once(BETWEEN).unwrap_or_default();
        let mut section = Some(&mut root);
        for key in sections.split(BETWEEN) {
            section = section.and_then(|section| {
                match section.entry(key.to_owned()).or_insert_with(|| Node::Section(Section::new())) {
                    Node::Section(within) => Some(within),
                    Node::Leaf(_) => None,
                }
            });
        }
        let leaf = Node::Leaf(Leaf::Variable(name.clone(), value));
        if section.is_none_or(|section| section.insert(last.to_owned(), leaf).is_some()) {
            let what = "another variable sets the section that it is in".to_owned();
            return Err(ConfigError::Value { key: name, what });
        }
    }
    read_files(&mut root, "")?;
    Ok(Node::Section(root))
}

/// `under` with `over` laid over it.
pub(super) fn merged(under: Node, over: Node) -> Node {
    match (under, over) {
        (Node::Section(mut under), Node::Section(over)) => {
            for (key, node) in over {
                let node = match under.remove(&key) {
                    Some(below) => merged(below, node),
                    None => node,
                };
                under.insert(key, node);
            }
            Node::Section(under)
        }
        (_, over) => over,
    }
}

fn section(table: toml::Table) -> Section {
    let node = |value| match value {
        Value::Table(within) => Node::Section(section(within)),
        value => Node::Leaf(Leaf::Toml(value)),
    };
    table.into_iter().map(|(key, value)| (key, node(value))).collect()
}

/// Puts the content of the file that `…_file` names in place of it.
fn read_files(section: &mut Section, path: &str) -> Result<(), ConfigError> {
    for (key, node) in section.iter_mut() {
        if let Node::Section(within) = node {
            read_files(within, &format!("{path}{key}."))?;
        }
    }
    let named: Vec<_> = section.keys().filter(|key| key.ends_with(FILE)).cloned().collect();
    for key in named {
        let Some(Node::Leaf(leaf)) = section.remove(&key) else { continue };
        let (shown, file) = match leaf {
            Leaf::Variable(name, file) => (name, file),
            Leaf::Toml(Value::String(file)) => (format!("{path}{key}"), file),
            Leaf::Toml(_) | Leaf::File(..) => {
                return Err(ConfigError::Value { key: format!("{path}{key}"), what: "this is no path".to_owned() });
            }
        };
        let cannot = |error| ConfigError::Value { key: shown.clone(), what: format!("{file} cannot be read: {error}") };
        let content = Zeroizing::new(fs::read(&file).map_err(cannot)?);
        let plain = key.trim_end_matches(FILE);
        if section.insert(plain.to_owned(), Node::Leaf(Leaf::File(file.into(), content))).is_some() {
            let what = format!("{path}{plain} is set too; one of them is enough");
            return Err(ConfigError::Value { key: shown, what });
        }
    }
    Ok(())
}

/// serde takes a `Duration` apart into these.
fn length(table: &toml::Table) -> Option<String> {
    let part = |key| table.get(key).and_then(Value::as_integer).and_then(|part| u64::try_from(part).ok());
    let (seconds, nanos) = (part("secs")?, part("nanos")?);
    let length = std::time::Duration::new(seconds, u32::try_from(nanos).ok()?);
    (table.len() == 2).then(|| quantity::shown(length))
}

const PREFIX: &str = "MINTAGE_";
const BETWEEN: &str = "__";
const FILE: &str = "_file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b34_debug_shows_where_a_setting_is_from_and_not_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, secret) = (folder.path().join("settings.toml"), folder.path().join("secret"));
        fs::write(&secret, "canary").unwrap();
        fs::write(&settings, format!("[secrets]\npepper = 'canary'\npin_file = '{}'", secret.display())).unwrap();
        let given = [("MINTAGE_SECRETS__MASTER_KEY".to_owned(), "canary".to_owned())];
        let node = merged(file(&settings).unwrap(), environment(given.into_iter()).unwrap());
        let shown = format!("{node:?}");
        assert!(!shown.contains("canary") && !shown.contains("99, 97, 110"), "{shown}");
        assert!(shown.contains("MINTAGE_SECRETS__MASTER_KEY") && shown.contains("Toml(string)"), "{shown}");
    }
}
