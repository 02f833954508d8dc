//! The binary from outside: `mintage dev` and `mintage serve` as processes, their settings, and the operator's commands.

mod commands;
mod config;
mod dev;
mod running;
mod serve;
