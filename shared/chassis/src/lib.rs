//! What every process of the suite does alike.
//!
//! - [`Transport`] carries calls to a sibling service, in this process or over the network; [`Peer`] says who calls.
//! - [`Service`] is what a service's `build` returns: its [`Routes`] and its background [`Tasks`].
//! - [`access`] is the table of who may call what, and the guard that executes it.
//! - [`status`] puts refusals on the wire with a reason that programs read.
//! - [`identity`] is who a process is to its siblings, proven by a certificate.
//! - [`feed`] follows the registry's change feed and keeps read-through caches true.
//! - [`key_sets`] watches key sets, and tells key-management which are held.
//! - [`paging`] gives lists a page at a time.
//! - [`deadline`] is carried along with the work for a request.
//! - [`batch`] lets concurrent calls share one; `stream` carries those of a connection together.
//! - [`door`] accepts connections, bounds them, and drains.
//! - [`source`] tells the address a request came from.
//! - [`telemetry`] tells what became of requests: the log, traces, metrics.
//! - [`wire`] reads and writes names that the contract and the libraries both have.

pub mod access;
mod backoff;
pub mod batch;
mod channel;
pub mod deadline;
pub mod door;
pub mod feed;
pub mod identity;
pub mod key_sets;
mod methods;
pub mod paging;
mod peer;
mod routes;
mod service;
pub mod source;
pub mod status;
mod stream;
mod tasks;
pub mod telemetry;
mod transport;
pub mod wire;

pub use channel::{AddressError, ChannelSettings};
pub use peer::{Peer, ServiceName, UnknownService};
pub use routes::Routes;
pub use service::Service;
pub use tasks::Tasks;
pub use transport::{Entrance, Transport};
