//! The operator's commands, noun by noun, and how they fail.

mod api;
mod client;
mod consent;
mod failure;
mod grant;
mod key;
mod pki;
mod tenant;
mod token;
mod user;
