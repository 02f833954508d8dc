//! What the suite promises when something fails: two processes of each service over mutual TLS on PostgreSQL, and
//! processes, networks and databases that go away. `docs/reliability.md` says what is promised and what was measured.
//!
//! - `site` is the installation, `operator` changes it, `asking` is its clients, `load` many of them at once.
//! - `staleness` measures how long anyone acts on what is no longer so; `figures` writes down what was measured.
//! - `partitions` and `separations` cut services from each other, `databases` from their data, `kills` ends them at any moment.
//! - `consent` takes away what users consent to, `replicas` one of two that tell; `people` are users and an application
//!   that asks them.
//! - `pushing` measures how soon watchers of key sets have what changed.
//! - `rotation` lets keys follow each other every two seconds, in front of `verifiers` of several kinds.
//! - `rolling` restarts them one after the other, `certificates` gives them new ones, `beginnings` starts them at once.
//! - `master_key` takes them from one master key to another.
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
mod consent;
mod databases;
mod figures;
mod kills;
mod load;
mod master_key;
mod operator;
mod partitions;
mod people;
mod pushing;
mod replicas;
mod rolling;
mod rotation;
mod separations;
mod site;
mod staleness;
mod verifiers;
