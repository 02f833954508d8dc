//! The processes of the Compose file and of the manifests, started from what stands there: their command lines, their
//! environment, their files, each in a network, a root and with rights of its own.
//!
//! - `machine` is what stands in for a container engine: the image's root, a switch between networks, and containers.
//! - `compose` starts what `docker compose up` would, `kubernetes` what a cluster would.

mod compose;
mod kubernetes;
mod machine;
