//! The tables, row by row. Times are milliseconds since 1970; scopes are delimited by spaces.

#![expect(unreachable_pub, reason = "SeaORM's derive wants public models; the room itself is private")]

pub(super) mod authorization_code;
pub(super) mod browser_session;
pub(super) mod front_channel_ticket;
pub(super) mod given_answer;
pub(super) mod interaction;
pub(super) mod known_browser;
pub(super) mod known_registry;
pub(super) mod refresh_family;
pub(super) mod user_account;
pub(super) mod user_grant;
