//! The registry from outside, through its generated clients, on every database.

mod access;
mod bootstrap;
mod change_feed;
mod client;
mod client_grant;
mod client_secret;
mod house;
mod initial_access;
mod key_management;
mod key_rings;
mod pages;
mod reach;
mod registration;
mod registration_limits;
mod resolver;
mod resource_server;
mod tenant;
mod unused;
mod user_access;
