//! `UserGrantService`: what users consented to, for operators.

mod convert;
mod delete_user_grant;
mod delete_user_grants;
mod list_user_grants;
mod service;

pub(super) use convert::wire_grant;
pub(super) use service::UserGrants;
