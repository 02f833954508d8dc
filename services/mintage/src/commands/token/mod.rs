//! Tokens: [`fetch`] gets one, `decode` reads it, `signature` checks it.

mod decode;
pub(crate) mod fetch;
mod signature;
