//! The rules, against ports that are made up.

mod claims;
mod client_credentials;
mod fakes;
mod gate;
mod shortcuts;
