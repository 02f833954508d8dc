//! The door in: one RPC a file, convert → domain → convert.
//!
//! - [`Desk`] is what every RPC works with; `convert` reads what many requests have alike; `status` is the one place
//!   where refusals get their status.
//! - `tenant`, `client`, `resource_server`, `client_grant`, `registration`, `resolver`, `change_feed`: a
//!   service each.

mod change_feed;
mod client;
mod client_grant;
mod convert;
mod desk;
mod registration;
mod resolver;
mod resource_server;
mod routes;
mod status;
mod tenant;

pub(crate) use change_feed::Feed;
pub(crate) use desk::Desk;
pub(crate) use registration::RegistrationLimits;
pub(crate) use resolver::OwnOperators;
pub(crate) use routes::routes;
