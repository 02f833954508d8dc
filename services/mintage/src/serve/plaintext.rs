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
use tonic::transport::{Channel, Endpoint};

/// The way to `addresses`, one or several between commas, for `own`, which says so.
pub(super) fn connect(addresses: &str, own: ServiceName) -> Result<Transport> {
    let endpoint = |address: &str| -> Result<Endpoint> {
        Ok(Endpoint::from_shared(format!("http://{}", address.trim()))?.user_agent(format!("{CLAIM}{own}"))?)
    };
    let endpoints = addresses.split(',').map(endpoint).collect::<Result<Vec<_>>>()?;
    Ok(Transport::remote(match &*endpoints {
        [only] => only.connect_lazy(),
        _ => Channel::balance_list(endpoints.into_iter()),
    }))
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
