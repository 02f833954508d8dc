//! TenantService: the tenants of the installation.

mod convert;
mod create_tenant;
mod delete_tenant;
mod get_tenant;
mod list_tenants;
mod service;
mod update_tenant;

pub(super) use convert::wire_tenant;
pub(super) use service::Tenants;
