//! The promises of the crate, kept from outside.

mod attacks;
mod certificate;
mod jwk;
mod jwt;
mod kid;
mod mac;
mod private_key;
mod properties;
mod seal;
mod signer;
mod support;
mod vectors;
