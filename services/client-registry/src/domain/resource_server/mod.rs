//! Resource servers: the APIs that tokens are for.

mod create;
mod delete;
mod model;
mod update;

pub(crate) use create::CreateResourceServer;
pub(crate) use delete::DeleteResourceServer;
pub(crate) use model::{ConsentPolicy, ManagementApi, NewResourceServer, ResourceServer, ScopeDefinition, Terms};
pub(crate) use update::{ResourceServerChanges, UpdateResourceServer};
