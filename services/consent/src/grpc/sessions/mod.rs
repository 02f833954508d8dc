//! `SessionService`: what a user sees and does at the own pages, the end of a session, and the userinfo endpoint.
//!
//! - `own_grant` puts names on a grant; `access_token` reads what clients show.

mod access_token;
mod end_session;
mod get_session;
mod get_user_info;
mod list_own_grants;
mod own_grant;
mod revoke_own_grant;
mod service;

pub(super) use service::Sessions;
