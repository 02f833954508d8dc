//! The edge from outside: its router, with stand-ins for the sibling services.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(unreachable_pub, reason = "an integration test has no outside")]

mod discovery;
mod errors;
mod hang_up;
mod health;
mod host;
mod key_set;
mod leaks;
mod proxies;
mod rig;
mod routes;
mod siblings;
mod token;
