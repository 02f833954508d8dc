//! The door in: one route a file, the parsers of foreign bytes, and the one table of OAuth errors.
//!
//! - [`ROUTES`] is every way in, with who may use it.
//! - `token` answers `POST /oauth/token`, `revoke` `POST /oauth/revoke`, both by a `client_request`, and
//!   `cross_origin` says what scripts of other sites may read of it; `discovery` and `key_set` the well-known documents; `health` probes.
//! - `authorize` takes what a client asks of a user; `pages` are what people see on the way. `user_info` and `register`
//!   answer clients.
//! - `cookies`, `bearer` and [`metadata`] read what browsers and clients hold and say, `address` writes where they go next.
//! - [`form`], [`json`], [`basic`], [`host`] and [`forwarded`] read foreign bytes; they are pure and bounded by what they
//!   are given.
//! - `query` sees that no parameter stands where it ends in logs.
//! - [`body`] reads a body within its bounds; `media_type` tells what it is.
//! - [`errors`] turns every refusal into the answer that its tenant's profile asks for.
//! - `well_known` holds what the public documents share, `state` what the routes share.

mod address;
mod authorize;
pub mod basic;
mod bearer;
pub mod body;
mod client_request;
mod cookies;
mod cross_origin;
mod discovery;
pub mod errors;
pub mod form;
pub mod forwarded;
mod health;
pub mod host;
pub mod json;
mod key_set;
mod media_type;
pub mod metadata;
mod pages;
mod percent;
mod query;
mod register;
mod revoke;
mod router;
mod state;
mod token;
mod user_info;
mod well_known;

pub(crate) use forwarded::TrustedProxies;
pub(crate) use router::router;
pub use router::{ROUTES, Route, Visitor};
pub(crate) use state::{Arrival, Http, Limits};
