//! What tests need: an own database each on every backend, a clock that stands still, chance from a seed, and the whole
//! suite in processes.

mod database;
pub mod installation;
pub mod migrations;
mod patience;
mod postgres;
pub mod programs;
mod seeded;
mod server;
mod softhsm;

pub use database::{TestDatabase, databases, on_each_backend};
pub use patience::eventually;
pub use seeded::{manual_clock, randomness};
pub use server::PostgresServer;
pub use softhsm::SoftHsm;
