//! What stands in for mutual TLS where `tls.insecure_plaintext` asks for it, on loopback alone: callers say who they
//! are, and are believed.

use anyhow::Result;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::HeaderMap;
use http::header::USER_AGENT;
use mintage_chassis::{Peer, ServiceName, Transport};
use tonic::transport::Endpoint;

/// The way to `address` for `own`, which says so.
pub(super) fn connect(address: &str, own: ServiceName) -> Result<Transport> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.user_agent(format!("{CLAIM}{own}"))?;
    Ok(Transport::remote(endpoint.connect_lazy()))
}

/// `router`, with callers believed.
pub(super) fn believing(router: Router) -> Router {
    router.layer(from_fn(|mut request: Request, next: Next| async move {
        if let Some(name) = claimed(request.headers()) {
            request.extensions_mut().insert(Peer::Service(name));
        }
        let answer: Response = next.run(request).await;
        answer
    }))
}

fn claimed(headers: &HeaderMap) -> Option<ServiceName> {
    headers.get(USER_AGENT)?.to_str().ok()?.strip_prefix(CLAIM)?.split(' ').next()?.parse().ok()
}

const CLAIM: &str = "mintage-service/";
