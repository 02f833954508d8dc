//! The messages of the contract in words: field names are the contract's, values are what the options take.
//!
//! - [`words`] are the choices that have a name, [`time`] instants and lengths of time.
//! - A file for each kind of thing: [`Tenant`], [`Client`] and its [`ClientSecret`], [`Api`], [`Grant`], [`Key`] and
//!   [`SharedSecret`].

mod api;
mod claim;
mod client;
mod grant;
mod key;
mod shared_secret;
mod tenant;
pub(crate) mod time;
pub(crate) mod words;

pub(crate) use api::Api;
pub(crate) use client::{Client, ClientSecret};
pub(crate) use grant::Grant;
pub(crate) use key::Key;
pub(crate) use shared_secret::SharedSecret;
pub(crate) use tenant::Tenant;
