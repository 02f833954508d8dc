//! The door in: one route a file, the parsers of foreign bytes, and the one table of OAuth errors.
//!
//! - [`ROUTES`] is every way in, with who may use it.
//! - `token` answers `POST /oauth/token`; `discovery` and `key_set` the well-known documents; `health` probes.
//! - [`form`], [`json`], [`basic`], [`host`] and [`forwarded`] read foreign bytes; they are pure and bounded by what they
//!   are given.
//! - `query` sees that no parameter stands where it ends in logs.
//! - [`body`] reads a body within its bounds; `media_type` tells what it is.
//! - [`errors`] turns every refusal into the answer that its tenant's profile asks for.
//! - `well_known` holds what the public documents share, `state` what the routes share.

pub mod basic;
pub mod body;
mod discovery;
pub mod errors;
pub mod form;
pub mod forwarded;
mod health;
pub mod host;
pub mod json;
mod key_set;
mod media_type;
mod percent;
mod query;
mod router;
mod state;
mod token;
mod well_known;

pub(crate) use forwarded::TrustedProxies;
pub(crate) use health::Readiness;
pub(crate) use router::router;
pub use router::{ROUTES, Route, Visitor};
pub(crate) use state::{Arrival, Http, Limits};
