//! The pages of docs/reference that are made from the code, each with a test that it is fresh.
//!
//! - `access` is who may call what, from the services' access tables; `errors` every refusal, from the contract, the
//!   sources and the edge's table; `config` every setting, from the sources and the values that stand in `Default`.
//!   `telemetry` every metric and every field of a line of the log.
//! - `contract` reads the words of `proto/`, `source` those of Rust files. `page` writes Markdown and compares.
//!
//! `UPDATE_REFERENCE=1 cargo test -p mintage-tests reference` writes the pages anew.

mod access;
mod config;
mod contract;
mod errors;
mod page;
mod source;
mod telemetry;
