//! `[listen]`: the addresses of a process. Port 0 takes a free one, which the line `ready` tells.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Where a service with gRPC listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrpcListen {
    /// For its siblings, over mutual TLS.
    pub internal: SocketAddr,
    /// For operators and backends, over TLS with `tls.public_certificate`; closed unless told.
    pub public: Option<SocketAddr>,
    /// For probes and scrapers, in plain text: `grpc.health.v1`, `/healthz`, `/readyz` and `/metrics`.
    pub health: SocketAddr,
}

/// Where the edge listens. At least one of `http` and `https` must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeListen {
    /// For OAuth in plain text, behind something that speaks TLS; closed unless told.
    pub http: Option<SocketAddr>,
    /// For OAuth over TLS with `tls.public_certificate`; closed unless told.
    pub https: Option<SocketAddr>,
    /// For probes and scrapers, in plain text: `grpc.health.v1`, `/healthz`, `/readyz` and `/metrics`.
    pub health: SocketAddr,
}

impl EdgeListen {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let open = self.http.or(self.https).is_some();
        if open { Ok(()) } else { Err(ConfigError::Missing("listen.http or listen.https".to_owned())) }
    }
}

impl Default for GrpcListen {
    fn default() -> Self {
        Self { internal: everywhere(9443), public: None, health: everywhere(9100) }
    }
}

impl Default for EdgeListen {
    fn default() -> Self {
        Self { http: None, https: None, health: everywhere(9100) }
    }
}

fn everywhere(port: u16) -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, port).into()
}
