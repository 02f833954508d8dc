//! Why an operation on keys failed.

use std::error::Error;

use super::ports::Held;
use super::{RingError, RingName};

/// What an operation answers when it cannot do as asked.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No such ring, or it has ended.
    #[error("there is no key ring {0}")]
    RingUnknown(RingName),
    /// The ring cannot change so.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// Watchers of the key set do not hold the key yet.
    #[error("{} of {} watchers of the key set have not acknowledged the key", .0.watchers - .0.holding, .0.watchers)]
    WatchersBehind(Held),
    /// Others kept changing the ring.
    #[error("the key ring {0} is being changed by others")]
    Contended(RingName),
    /// The world did not play along.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// What the world answers when it does not play along.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// It may later.
    #[error("what keys are kept in does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// It cannot do that at all.
    #[error("such keys cannot be made")]
    Unsupported(#[source] Box<dyn Error + Send + Sync>),
    /// It will not.
    #[error("the keys cannot be handled")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

/// How often an operation starts over when others changed the ring before it could.
pub(super) const ATTEMPTS: usize = 5;
