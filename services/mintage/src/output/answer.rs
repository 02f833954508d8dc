//! The outcome of a command.

use serde::Serialize;
use serde_json::{Map, Value};

/// What a command has to say: JSON for programs, blocks for people, remarks beside both. It may hold a secret, so it has
/// no `Debug`.
#[derive(Default)]
pub(crate) struct Answer {
    /// The response message of the call.
    pub(super) json: Map<String, Value>,
    /// The same for people.
    pub(super) blocks: Vec<Block>,
    /// For people on stderr, whatever the format.
    pub(super) remarks: Vec<String>,
}

/// A piece of an answer for people.
pub(crate) enum Block {
    /// A table with a head.
    Grid(&'static [&'static str], Vec<Vec<String>>),
    /// Names and values, one a line.
    Facts(Vec<(&'static str, String)>),
    /// Text alone, so that `$(…)` takes it.
    Text(String),
}

/// Something that answers are made of.
pub(crate) trait View: Serialize {
    /// What one is called in JSON.
    const ONE: &'static str;
    /// What many are called in JSON.
    const MANY: &'static str;
    /// The head of a list.
    const HEAD: &'static [&'static str];

    /// Its line in a list.
    fn row(&self) -> Vec<String>;

    /// All of it.
    fn blocks(&self) -> Vec<Block>;
}

impl Answer {
    /// One of a kind.
    pub(crate) fn one<V: View>(view: &V) -> anyhow::Result<Self> {
        let answer = Self::default().with(V::ONE, view)?;
        Ok(view.blocks().into_iter().fold(answer, Self::block))
    }

    /// All of a kind.
    pub(crate) fn many<V: View>(views: &[V]) -> anyhow::Result<Self> {
        let answer = Self::default().with(V::MANY, views)?;
        if views.is_empty() {
            return Ok(answer.remark("There are none."));
        }
        Ok(answer.block(Block::Grid(V::HEAD, views.iter().map(View::row).collect())))
    }

    /// A value for programs only.
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> anyhow::Result<Self> {
        self.json.insert(name.to_owned(), serde_json::to_value(value)?);
        Ok(self)
    }

    /// A secret that is shown this once, if there is one.
    pub(crate) fn secret(self, name: &'static str, secret: String) -> anyhow::Result<Self> {
        let answer = self.with(name, &secret)?;
        if secret.is_empty() {
            return Ok(answer);
        }
        let answer = answer.block(Block::Facts(vec![(name, secret)]));
        Ok(answer.remark("The secret is shown this once and cannot be read again: keep it now."))
    }

    /// What programs get.
    pub(crate) fn as_json(&self) -> Value {
        Value::Object(self.json.clone())
    }

    /// A piece for people only.
    pub(crate) fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// A line on stderr.
    pub(crate) fn remark(mut self, line: impl Into<String>) -> Self {
        self.remarks.push(line.into());
        self
    }
}
