//! The direction of dependencies, executed: which crate may use which (`crates`), and which room of a service may
//! name which (`rooms`, over the `paths` that a source file names). docs/ARCHITECTURE.md describes what this decides.

mod crates;
mod paths;
mod rooms;
