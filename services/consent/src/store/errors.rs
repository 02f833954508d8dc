//! What the store answers, as the domain understands it.

use mintage_store::{CarriesStoreError, StoreError};
use sea_orm::DbErr;

use crate::domain::{ConsentError, Kind};

impl From<StoreError> for ConsentError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.into()),
            StoreError::Conflict(_) | StoreError::Internal(_) => Self::Failed(error.into()),
        }
    }
}

impl From<DbErr> for ConsentError {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl CarriesStoreError for ConsentError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Unavailable(fault) | Self::Failed(fault) => fault.downcast_ref(),
            _ => None,
        }
    }
}

/// The error of an insert that may find another `kind` in its place.
pub(super) fn in_the_way(kind: Kind) -> impl FnOnce(DbErr) -> ConsentError {
    move |error| match StoreError::from(error) {
        StoreError::Conflict(_) => ConsentError::Conflict(kind),
        other => other.into(),
    }
}

/// What stands in the database is not what this program writes.
pub(super) fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> ConsentError {
    ConsentError::Failed(error.into())
}
