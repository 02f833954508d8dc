//! The edge from outside: its router, with stand-ins for the sibling services.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(unreachable_pub, reason = "an integration test has no outside")]

mod applications;
mod authorize;
mod browser;
mod consent;
mod desk;
mod discovery;
mod errors;
mod hang_up;
mod health;
mod host;
mod key_set;
mod leaks;
mod logout;
mod pages;
mod proxies;
mod register;
mod registrar;
mod revoke;
mod rig;
mod routes;
mod siblings;
mod sign_in;
mod token;
mod user_grants;
mod user_info;
mod watched;
