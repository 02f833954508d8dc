//! One grant a file: from a request at the gate to a token.

mod authenticated;
mod authorization_code;
mod client_credentials;
mod front_channel;
mod password;
mod redeemed;
mod refresh_token;

pub(super) use authenticated::authenticated;
pub(super) use authorization_code::authorization_code;
pub(super) use client_credentials::client_credentials;
pub(super) use front_channel::front_channel;
pub(super) use password::password;
pub(super) use refresh_token::refresh_token;
