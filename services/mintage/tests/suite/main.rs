//! The binary from outside: `mintage dev` as a process, and the operator's commands against it.

mod commands;
mod dev;
mod running;
