//! Doors: where connections come in, bounded in number, size and time, and where they drain.
//!
//! - [`Door`] is a listener with its limits; [`Door::serve`] runs it until the process drains.
//! - [`Security`] is what it speaks: plain text, TLS, or for development whichever the client begins with.
//! - [`DevelopmentAuthority`] makes the certificates of `mintage dev`.
//! - [`grpc_router`] puts the gRPC services of a process behind one door, with reflection and
//!   [`Health`].

mod development;
mod grpc;
mod limits;
mod listener;
mod security;

pub use development::{CertificateError, DevelopmentAuthority};
pub use grpc::{Health, grpc_router};
pub use limits::DoorLimits;
pub use listener::{Door, Scheme};
pub use security::Security;
