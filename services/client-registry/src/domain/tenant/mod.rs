//! Tenants: one issuer each.

mod create;
mod delete;
mod model;
mod update;

pub(crate) use create::CreateTenant;
pub(crate) use delete::DeleteTenant;
pub(crate) use model::{NewTenant, Tenant};
pub(crate) use update::{TenantChanges, UpdateTenant};
