//! The operator's commands: a folder for each noun, a file for each verb, each from arguments to an answer.
//!
//! - [`arguments`] are the pieces that options are made of.
//! - [`mask`] turns the options given into an update mask, [`pages`] follows a list to its end, [`confirm`] asks first.

pub(crate) mod api;
mod arguments;
pub(crate) mod client;
mod confirm;
pub(crate) mod consent;
pub(crate) mod grant;
pub(crate) mod key;
mod mask;
mod pages;
pub(crate) mod pki;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod user;
