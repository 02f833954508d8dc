//! ClientService: the clients of a tenant and their secrets.

mod convert;
mod create_client;
mod create_client_secret;
mod delete_client;
mod get_client;
mod list_clients;
mod revoke_client_secret;
mod service;
mod update_client;
mod user_access;

pub(super) use convert::{
    read_client_type, wire_client, wire_client_type, wire_grant_types, wire_metadata, wire_party,
};
pub(super) use service::Clients;
pub(super) use user_access::wire_user_access;
