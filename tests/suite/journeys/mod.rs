//! The whole suite in this process: what its users were promised, from the HTTP door to the signature.
//!
//! `rig` is a suite with a database of its own; the other files are one promise each.

mod algorithms;
mod claims;
mod error_profiles;
mod hot_path;
mod immediacy;
mod indistinguishable;
mod limits;
mod operators;
mod proxies;
mod pushing;
mod registration;
mod rig;
mod rotation;
mod tenants;
mod third_party;
mod users;
