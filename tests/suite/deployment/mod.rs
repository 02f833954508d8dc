//! The manifests of `k8s/` and the Compose file, held against the program that they start.
//!
//! - `manifests` builds a kustomization and finds its objects; `pods` are what is started.
//! - `network` says whom the NetworkPolicies let through; `arrows` says who should come through, and compares.
//! - `mounts` lays out the files that a container sees; `process` reads a service's settings from them; `settings` holds
//!   ports, names and certificates against these.
//! - `restricted` is what a cluster demands of every pod, `drains` what its nodes' upkeep demands; `compose` is the same
//!   house on one machine.
//! - `running` starts what they describe; `backup` does what the manual says of that.

mod arrows;
mod backup;
mod compose;
mod drains;
mod manifests;
mod mounts;
mod network;
mod pods;
mod process;
mod restricted;
mod running;
mod settings;
