//! Reads the settings of a service, and writes them down.

use std::path::Path;

use serde::ser::Error;
use toml::Value;
use toml::ser::Error as Unwritable;

use super::layers::{self, Leaf, Node};
use super::read::Reader;
use super::{ConfigError, ServiceConfig};

/// The settings of the service `C`: what `file` says over the defaults, and what `variables` say over that.
///
/// # Errors
/// When the file cannot be read, a key is unknown, a value is not what its setting takes, or a check fails.
pub fn load<C: ServiceConfig>(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<C, ConfigError> {
    let config: C = read(file, variables)?;
    config.check()?;
    Ok(config)
}

/// As [`load`], for whoever needs a part of the settings alone and checks that.
///
/// # Errors
/// When the file cannot be read, a key is unknown, or a value is not what its setting takes.
pub fn read<C: ServiceConfig>(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<C, ConfigError> {
    let unwritable = |error: Unwritable| ConfigError::Bounds(error.to_string());
    let mut node = layers::defaults(Value::try_from(C::default()).map_err(unwritable)?);
    if let Some(file) = file {
        node = layers::merged(node, layers::file(file)?);
    }
    node = layers::merged(node, layers::environment(variables)?);
    Ok(C::deserialize(Reader::new(&node))?)
}

/// The settings in TOML, as they can be given again; secrets are left out of sight.
///
/// # Errors
/// When a setting cannot be written, which none is.
pub fn shown(config: &impl ServiceConfig) -> Result<String, Unwritable> {
    match written(layers::defaults(Value::try_from(config)?)) {
        Value::Table(table) => toml::to_string(&table),
        _ => Err(Unwritable::custom("settings are a table")),
    }
}

fn written(node: Node) -> Value {
    match node {
        Node::Section(section) => Value::Table(section.into_iter().map(|(key, node)| (key, written(node))).collect()),
        Node::Leaf(Leaf::Toml(value)) => value,
        Node::Leaf(Leaf::Variable(_, text)) => Value::String(text),
        Node::Leaf(Leaf::File(path, _)) => Value::String(path.display().to_string()),
    }
}
