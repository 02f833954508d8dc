//! The doors out: the domain's ports, kept by sibling services and by the runtime.
//!
//! - [`RegistryDirectory`] and [`UseReporter`] speak to client-registry, [`KeysSigner`] to key-management,
//!   [`RemoteConsent`] to consent.
//! - [`RuntimeMetronome`] waits.

mod consent;
mod directory;
mod keys;
mod metronome;
mod records;
mod uses;
mod weights;

pub(crate) use consent::RemoteConsent;
pub(crate) use directory::RegistryDirectory;
pub(crate) use keys::KeysSigner;
pub(crate) use metronome::RuntimeMetronome;
pub(crate) use uses::UseReporter;

use std::future::Future;
use std::time::Duration;

use mintage_chassis::deadline;
use mintage_chassis::status::unavailable;
use tonic::{Code, Response, Status};

use crate::domain::ports::PortError;

/// A call with a bound on its time, which it takes along.
async fn within<T>(patience: Duration, call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Status> {
    match deadline::within(patience, call).await {
        Ok(answer) => answer.map(Response::into_inner),
        Err(_) => Err(unavailable("a sibling service did not answer in time")),
    }
}

/// What a sibling's refusal means to the domain. It is logged here, where its text ends, but for those that come in
/// floods: what is shed is counted where it is shed.
fn port_error(sibling: &'static str, status: &Status) -> PortError {
    match status.code() {
        Code::ResourceExhausted => PortError::Overloaded,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted => {
            tracing::warn!(sibling, %status, "a sibling service does not answer");
            PortError::Unavailable
        }
        _ => {
            tracing::error!(sibling, %status, "a sibling service refused what it should not");
            PortError::Broken
        }
    }
}
