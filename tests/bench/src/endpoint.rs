//! Where tokens are had, and what to ask there.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

/// One server or several that answer alike, and the forms that they are asked with.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Connections are spread over them.
    pub(crate) addresses: Vec<String>,
    /// What requests name as their host.
    pub(crate) host: String,
    pub(crate) path: String,
    /// One for each client that asks.
    pub(crate) forms: Arc<[Bytes]>,
}

/// What the floor and the peer say of themselves.
#[derive(Deserialize)]
pub(crate) struct Announced {
    address: String,
    path: String,
    form: String,
}

impl From<Announced> for Endpoint {
    fn from(announced: Announced) -> Self {
        let Announced { address, path, form } = announced;
        Self { host: address.clone(), addresses: vec![address], path, forms: Arc::new([form.into()]) }
    }
}
