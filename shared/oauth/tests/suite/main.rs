//! Promises of the vocabulary, seen from outside.

mod choices;
mod claims;
mod client_secret;
mod metadata;
mod names;
mod origin;
mod redirect_uri;
mod scope_set;
mod token_lifetime;
