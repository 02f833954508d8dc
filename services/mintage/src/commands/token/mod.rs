//! Tokens: [`fetch`] gets one, [`sign_in`] one that acts for a user; `came_back` is what the browser shows after it; `decode` reads it, `signature` checks it.

mod came_back;
mod decode;
pub(crate) mod fetch;
pub(crate) mod sign_in;
mod signature;
