//! Tokens: [`fetch`] gets one, [`sign_in`] one that acts for a user; `decode` reads it, `signature` checks it.

mod decode;
pub(crate) mod fetch;
pub(crate) mod sign_in;
mod signature;
