//! What the store answers, as the domain understands it.

use mintage_store::{CarriesStoreError, StoreError};
use sea_orm::DbErr;

use crate::domain::{Kind, RegistryError};

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.into()),
            StoreError::Conflict(_) | StoreError::Internal(_) => Self::Failed(error.into()),
        }
    }
}

impl From<DbErr> for RegistryError {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl CarriesStoreError for RegistryError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Unavailable(fault) | Self::Failed(fault) => fault.downcast_ref(),
            _ => None,
        }
    }
}

/// The error of an insert that may find another `kind` in its place.
pub(super) fn in_the_way(kind: Kind) -> impl FnOnce(DbErr) -> RegistryError {
    move |error| match StoreError::from(error) {
        StoreError::Conflict(_) => RegistryError::Conflict(kind),
        other => other.into(),
    }
}
