//! The rules, against ports that are made up.

mod claims;
mod client_credentials;
mod consent;
mod fakes;
mod front_channel;
mod gate;
mod redeemed;
mod shortcuts;
mod user_grants;
mod user_tokens;
