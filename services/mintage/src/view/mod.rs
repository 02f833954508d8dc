//! The messages of the contract in words: field names are the contract's, values are what the options take.
//!
//! - [`words`] are the choices that have a name, [`time`] instants and lengths of time.
//! - A file for each kind of thing: [`Tenant`], [`Client`] and its [`ClientSecret`], [`Api`], [`Grant`], [`Key`],
//!   [`KeyRing`], [`KeyFact`],
//!   [`SharedSecret`], [`SealedKeys`], [`InitialAccessToken`], [`User`] and [`UserGrant`].

mod api;
mod claim;
mod client;
mod grant;
mod initial_access_token;
mod key;
mod key_fact;
mod key_ring;
mod sealed_keys;
mod shared_secret;
mod tenant;
pub(crate) mod time;
mod user;
mod user_access;
mod user_grant;
pub(crate) mod words;

pub(crate) use api::Api;
pub(crate) use client::{Client, ClientSecret};
pub(crate) use grant::Grant;
pub(crate) use initial_access_token::InitialAccessToken;
pub(crate) use key::Key;
pub(crate) use key_fact::KeyFact;
pub(crate) use key_ring::KeyRing;
pub(crate) use sealed_keys::SealedKeys;
pub(crate) use shared_secret::SharedSecret;
pub(crate) use tenant::Tenant;
pub(crate) use user::User;
pub(crate) use user_grant::UserGrant;
