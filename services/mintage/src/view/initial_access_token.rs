//! A token that lets its holder register clients, without its value.

use serde::Serialize;

use super::time::Time;
use crate::output::{Block, View};

/// What may be known of such a token.
#[derive(Debug, Serialize)]
pub(crate) struct InitialAccessToken {
    /// How many clients it registers.
    pub(crate) uses: i32,
    /// When it ends.
    pub(crate) not_after: Time,
}

impl View for InitialAccessToken {
    const ONE: &'static str = "initial_access";
    const MANY: &'static str = "initial_accesses";
    const HEAD: &'static [&'static str] = &["USES", "NOT AFTER"];

    fn row(&self) -> Vec<String> {
        vec![self.uses.to_string(), self.not_after.short()]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![("uses", self.uses.to_string()), ("not_after", self.not_after.short())])]
    }
}
