//! ClientGrantService: who may do what without a user.

mod convert;
mod create_client_grant;
mod delete_client_grant;
mod get_client_grant;
mod list_client_grants;
mod service;
mod update_client_grant;

pub(super) use convert::wire_scopes;
pub(super) use service::ClientGrants;
