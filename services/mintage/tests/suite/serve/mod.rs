//! `mintage serve`: each service in a process of its own.
//!
//! `installation` starts all four, `process` is one of them, `wire` asks over HTTP and stands between two that need each
//! other's port.

mod commands;
mod installation;
mod process;
mod refusals;
mod together;
mod wire;
