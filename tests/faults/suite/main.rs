//! What the suite promises when something fails: two processes of each service over mutual TLS on PostgreSQL, and
//! processes, networks and databases that go away. `docs/reliability.md` says what is promised and what was measured.
//!
//! - `site` is the installation, `operator` changes it, `asking` is its clients, `load` many of them at once.
//! - `staleness` measures how long anyone acts on what is no longer so; `figures` writes down what was measured.
//! - `partitions` and `separations` cut services from each other, `databases` from their data, `kills` ends them at any moment.
//! - `rolling` restarts them one after the other, `certificates` gives them new ones, `beginnings` starts them at once.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where a fact is missing, and says what it measured"
)]

mod asking;
mod beginnings;
mod certificates;
mod databases;
mod figures;
mod kills;
mod load;
mod operator;
mod partitions;
mod rolling;
mod separations;
mod site;
mod staleness;
