//! The promises of the crate, kept from outside.

mod signer;
