//! The suite from outside: what holds for the workspace as a whole.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where a fact is missing"
)]

mod browser;
mod deployment;
mod journeys;
mod layering;
mod reference;
mod telemetry;
mod workspace;
