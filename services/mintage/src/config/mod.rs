//! What `mintage serve` is told: from a file in TOML, over it from the environment, refused unless every word is known.
//!
//! - [`ServiceConfig`] is the settings of one service; `services` names their sections, and each section has a file.
//! - [`load`] reads them: `layers` puts defaults, file and environment over each other, `read` makes structs of that and
//!   knows the key of everything it refuses, `quantity` reads lengths of time and sizes.
//! - [`shown`] writes them down again, without secrets.

mod common;
mod database;
mod error;
mod layers;
mod listen;
mod load;
mod log;
mod quantity;
mod read;
mod secret;
mod secrets;
mod services;
mod siblings;
mod tls;

pub use common::{Common, ServiceConfig};
pub use database::DatabaseSection;
pub use error::ConfigError;
pub use listen::{EdgeListen, GrpcListen};
pub use load::{load, read, shown};
pub use log::LogSettings;
pub use secret::{DatabaseUrl, SecretKey, SecretKeys, SecretText};
pub use secrets::{ClientRegistrySecrets, ConsentSecrets, KeyManagementSecrets, TokenSecrets};
pub use services::{ClientRegistryConfig, ConsentConfig, EdgeConfig, KeyManagementConfig, TokenConfig};
pub use siblings::{ClientRegistrySiblings, ConsentSiblings, EdgeSiblings, KeyManagementSiblings, TokenSiblings};
pub(crate) use tls::PublicFiles;
pub use tls::TlsSettings;
