//! Stand-ins for the sibling services: they answer what a test tells them to, and remember what they were asked.

mod keys;
mod registry;
mod tokens;

pub use keys::Keys;
pub use registry::Registry;
pub use tokens::{TOKEN, Tokens, token_for};
