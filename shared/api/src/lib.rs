//! The contract of the suite, generated from `proto/` when it is built.
//!
//! A module stands for each package: [`registry`], [`keys`], [`token`], [`consent`],
//! [`types`]. What carries a secret or a token
//! shows nothing of it in `Debug`.

mod codec;
mod redact;

pub use codec::LeanCodec;
pub use packages::{
    consent::v1 as consent, keys::v1 as keys, registry::v1 as registry, token::v1 as token, types::v1 as types,
};

#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
mod packages {
    macro_rules! package {
        ($name:ident, $path:literal) => {
            pub mod $name {
                pub mod v1 {
                    tonic::include_proto!($path);
                }
            }
        };
    }

    package!(consent, "mintage.consent.v1");
    package!(keys, "mintage.keys.v1");
    package!(registry, "mintage.registry.v1");
    package!(token, "mintage.token.v1");
    package!(types, "mintage.types.v1");
}

/// Every file of the contract as an encoded `google.protobuf.FileDescriptorSet`, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/mintage.bin"));
