//! `mintage serve`: each service in a process of its own, alone and as one installation.

mod commands;
mod health;
mod refusals;
mod together;
