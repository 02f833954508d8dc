//! The files of names and values that the server writes for operators.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::clients::Credentials;

/// The lines of such a file.
pub(crate) struct EnvFile(BTreeMap<String, String>);

impl EnvFile {
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let lines = text.lines().filter_map(|line| line.split_once('='));
        Ok(Self(lines.map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect()))
    }

    pub(crate) fn line(&self, name: &str) -> anyhow::Result<&str> {
        self.0.get(name).map(String::as_str).with_context(|| format!("there is no line {name}"))
    }

    /// The operator's.
    pub(crate) fn operator(&self) -> anyhow::Result<Credentials> {
        let line = |name| self.line(name).map(str::to_owned);
        Ok(Credentials { client_id: line("OPERATOR_CLIENT_ID")?, client_secret: line("OPERATOR_CLIENT_SECRET")? })
    }
}
