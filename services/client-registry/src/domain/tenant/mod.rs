//! Tenants: one issuer each.

mod branding;
mod create;
mod delete;
mod dynamic_registration;
mod model;
mod update;

pub(crate) use branding::Branding;
pub(crate) use create::CreateTenant;
pub(crate) use delete::DeleteTenant;
pub(crate) use dynamic_registration::DynamicRegistration;
pub(crate) use model::{NewTenant, Tenant};
pub(crate) use update::{TenantChanges, UpdateTenant};
