//! `UserService`: the users of a tenant.

mod convert;
mod create_user;
mod delete_user;
mod former;
mod get_user;
mod list_users;
mod service;
mod set_password;
mod update_user;

pub(super) use service::Users;
