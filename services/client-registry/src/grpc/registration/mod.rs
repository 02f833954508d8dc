//! RegistrationService: clients that register themselves.

mod convert;
mod create_initial_access_token;
mod delete_registration;
mod get_registration;
mod limits;
mod register_client;
mod service;
mod update_registration;

pub(crate) use limits::RegistrationLimits;
pub(super) use service::Registrations;
