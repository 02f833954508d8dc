//! The registry from outside, through its generated clients, on every database.

mod access;
mod bootstrap;
mod change_feed;
mod client;
mod client_grant;
mod client_secret;
mod house;
mod key_management;
mod pages;
mod resolver;
mod resource_server;
mod tenant;
