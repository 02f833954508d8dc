//! Doors: where connections come in, bounded in number, size and time, and where they drain.
//!
//! - [`Door`] is a listener with its limits; [`Door::serve`] runs it until the process drains. `intake` bounds its
//!   requests, `pressure` those that wait too long for a core, `proxies` tells whose they are, `addresses` what one address may hold, `write_timeout` and `unread` those who do not read, `descriptors` the process.
//! - [`Security`] is what it speaks: plain text, TLS, mutual TLS with siblings, or for development whichever the client
//!   begins with.
//! - [`DevelopmentAuthority`] makes the certificates of `mintage dev`.
//! - [`grpc_router`] puts the gRPC services of a process behind one door, with reflection and
//!   [`Health`], which has a door of its own for probes.

mod addresses;
mod descriptors;
mod development;
mod draining;
mod grpc;
mod health;
mod idle;
mod intake;
mod limits;
mod listener;
mod needs;
mod pressure;
mod protocol;
mod proxies;
mod security;
mod unread;
mod write_timeout;

pub use development::{CertificateError, DevelopmentAuthority};
pub use draining::Draining;
pub use grpc::grpc_router;
pub use health::Health;
pub(crate) use limits::within;
pub use limits::{DoorLimits, LimitError};
pub use listener::{Door, Scheme};
pub use needs::{Answering, HeardRegistry, Need};
pub use proxies::Proxies;
pub use security::Security;
