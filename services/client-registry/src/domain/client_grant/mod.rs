//! Client grants: which scopes of which API a client has without a user.

mod create;
mod delete;
mod model;
mod update;

pub(crate) use create::CreateClientGrant;
pub(crate) use delete::DeleteClientGrant;
pub(crate) use model::{ClientGrant, NewClientGrant};
pub(crate) use update::UpdateClientGrant;
