//! ResourceServerService: the APIs of a tenant.

mod convert;
mod create_resource_server;
mod delete_resource_server;
mod get_resource_server;
mod list_resource_servers;
mod service;
mod update_resource_server;

pub(super) use convert::wire_resource_server;
pub(super) use service::ResourceServers;
