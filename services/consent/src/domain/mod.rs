//! The rules: who is who, what a client may ask for, what a user must be asked, and what that is worth.
//!
//! - [`application`] is a client and an API as consent sees them; [`request`] an authorization request, read and found
//!   fit; [`answer`] what goes back.
//! - [`next`] says what a request needs before it can be answered; [`grant`] what a user agreed to.
//! - [`code`] and [`refresh_token`] are what a grant is redeemed by, [`moment`] when, [`terms`] what the registry still lets it
//!   be worth.
//! - [`authentication`] says who a user is, [`password_directory`] by its password; [`signing_in`] lets it in.
//! - [`incarnation`] tells apart what the registry had under one name, one after the other; [`departure`] says which are gone.
//! - [`secret`] is what is handed out, [`csrf`] what a form carries, [`session`] that somebody is signed in.

pub(crate) mod answer;
pub(crate) mod application;
mod attempt_limits;
pub(crate) mod authentication;
pub(crate) mod code;
mod common_passwords;
pub(crate) mod csrf;
pub(crate) mod departure;
mod error;
pub(crate) mod grant;
pub(crate) mod id;
pub(crate) mod incarnation;
pub(crate) mod known_browser;
pub(crate) mod lockout;
pub(crate) mod moment;
pub(crate) mod next;
pub(crate) mod password;
pub(crate) mod password_directory;
pub(crate) mod refresh_token;
pub(crate) mod request;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod signing_in;
pub(crate) mod terms;
pub(crate) mod user;

pub(crate) use error::{ConsentError, Kind};
