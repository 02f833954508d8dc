//! Services prove to each other who they are.

mod mutual;
mod raw;
mod reload;
mod site;
