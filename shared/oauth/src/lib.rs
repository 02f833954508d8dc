//! The vocabulary of OAuth as this suite speaks it: no I/O, no clock.
//!
//! Text from outside becomes one of these types by `parse()` and stays valid from then on.
//!
//! - Names: [`TenantId`], [`ClientId`], [`Audience`], [`Scope`], [`ClaimName`], [`MetadataKey`].
//! - Places: [`Origin`] and the [`Issuer`] that stands on it.
//! - Collections: [`ScopeSet`], [`Metadata`].
//! - Choices: [`GrantType`], [`Party`], [`TokenProfile`], [`ErrorProfile`], [`ErrorCode`], [`Algorithm`].
//! - Rules: [`ClaimMapping`], [`TokenLifetime`].
//! - Proof: [`ClientSecret`], and the [`Pepper`] that turns it into a [`SecretHash`] for storage.

mod audience;
mod checksum;
mod claim_mapping;
mod claim_name;
mod client_id;
mod client_secret;
mod error_code;
mod grant_type;
mod issuer;
mod metadata;
mod metadata_key;
mod named;
mod origin;
mod party;
mod pepper;
mod profile;
mod reserved_claims;
mod scope;
mod scope_set;
mod secret_hash;
mod tenant_id;
mod text;
mod token_lifetime;

pub use audience::{Audience, AudienceError};
pub use claim_mapping::{ClaimMapping, ClaimSource};
pub use claim_name::{ClaimName, ClaimNameError};
pub use client_id::{ClientId, ClientIdError};
pub use client_secret::{ClientSecret, ClientSecretError};
pub use error_code::ErrorCode;
pub use grant_type::GrantType;
pub use issuer::{Issuer, IssuerError};
pub use metadata::{Metadata, MetadataError};
pub use metadata_key::{MetadataKey, MetadataKeyError};
pub use mintage_jose::Algorithm;
pub use named::UnknownName;
pub use origin::{Origin, OriginError};
pub use party::Party;
pub use pepper::Pepper;
pub use profile::{ErrorProfile, TokenProfile};
pub use reserved_claims::is_reserved_claim;
pub use scope::{Scope, ScopeError};
pub use scope_set::ScopeSet;
pub use secret_hash::{SecretHash, SecretHashError};
pub use tenant_id::{TenantId, TenantIdError};
pub use token_lifetime::{TokenLifetime, TokenLifetimeError};
