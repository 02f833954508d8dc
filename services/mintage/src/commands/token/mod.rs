//! Tokens: [`fetch`] gets one, [`sign_in`] one that acts for a user, and `came_back` is what the browser shows then; `decode`
//! reads it, `signature` checks it.

mod came_back;
mod decode;
pub(crate) mod fetch;
pub(crate) mod sign_in;
mod signature;
