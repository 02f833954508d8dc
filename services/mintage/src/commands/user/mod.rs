//! Users: a file for each verb.

pub(crate) mod block;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
mod one;
mod password;
pub(crate) mod set_password;
pub(crate) mod show;
pub(crate) mod unblock;
pub(crate) mod update;

pub(in crate::commands) use one::id_of;
