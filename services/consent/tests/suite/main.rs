//! The consent service on both databases, from its door.

mod again;
mod authorization;
mod browser;
mod decisions;
mod departures;
mod feed;
mod first_use;
mod former;
mod house;
mod id_token_hint;
mod keys;
mod known_browsers;
mod lockout;
mod logout;
mod own_pages;
mod posing;
mod redemption;
mod refreshing;
mod registry;
mod shown;
mod user_grants;
mod user_info;
mod users;
mod withdrawn;
