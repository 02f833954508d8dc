//! `mintage serve`: each service in a process of its own, alone and as one installation. `alone` is the one that needs no other.

mod alone;
mod commands;
mod health;
mod refusals;
mod together;
mod tokens;
