//! Clients that register themselves (RFC 7591, RFC 7592): third parties for life, and never asking for themselves.
//!
//! - [`HandedOut`] is what lets somebody register, or manage what is registered; [`ClientMetadata`] what a client says of
//!   itself.
//! - An operation a file. What nobody ever used is forgotten ([`ForgetUnused`]).

mod delete;
mod forget_unused;
mod handed_out;
mod initial_access;
mod metadata;
mod register;
mod update;

pub(crate) use delete::DeleteRegistration;
pub(crate) use forget_unused::ForgetUnused;
pub(crate) use handed_out::{HandedOut, Purpose, hash_source};
pub(crate) use initial_access::{CreateInitialAccess, InitialAccess};
pub(crate) use metadata::ClientMetadata;
pub(crate) use register::{RegisterClient, check_may_register};
pub(crate) use update::UpdateRegistration;

use mintage_oauth::{ClientId, SecretHash, TenantId};

use super::RegistryError;
use super::ports::Ledger;

/// A registration, as whoever holds its access token names it.
#[derive(Debug)]
pub(crate) struct Holder<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) client: &'a ClientId,
    /// Of the token that was presented.
    pub(crate) presented: &'a SecretHash,
}

impl Holder<'_> {
    /// Refuses whoever does not hold it, without a word on why.
    pub(crate) fn check(&self, stored: Option<&SecretHash>) -> Result<(), RegistryError> {
        match stored {
            Some(stored) if stored.matches(self.presented) => Ok(()),
            _ => Err(RegistryError::RegistrationRefused),
        }
    }

    async fn check_in<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        self.check(ledger.registration(self.tenant, self.client).await?.as_ref())
    }
}
