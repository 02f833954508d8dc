//! An installation of Mintage in processes: any number of replicas of each service, what stands between them, and the
//! operator's commands.
//!
//! - [`Program`] is the binary, [`Process`] one that runs, [`Outcome`] how a command ended.
//! - [`Installation`] is all services, started as a [`Plan`] says; `settings` writes what each is told, `ports` are
//!   addresses that stay theirs over restarts, [`Certificates`] is who they are.
//! - [`Relay`] stands on a way between two of them and can be cut; [`Post`], [`get`], [`get_as`] and [`exchange`] ask over HTTP.

mod certificates;
mod http;
mod plan;
mod ports;
mod process;
mod program;
mod relay;
mod running;
mod settings;

pub use certificates::Certificates;
pub use http::{Post, exchange, get, get_as};
pub use plan::{Plan, Speech};
pub use process::Process;
pub use program::{Outcome, Program};
pub use relay::{Cut, Relay};
pub use running::Installation;
