//! `POST /oauth/revoke`: the end of refresh tokens (RFC 7009).

use std::sync::Arc;

use ::http::HeaderValue;
use ::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA};
use ::http::request::Parts;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use mintage_oauth::ErrorProfile;

use super::client_request::ClientRequest;
use super::errors::{Asked, answer};
use super::{Arrival, Http, cross_origin};
use crate::domain::{Refusal, RevocationRequest};

/// Ends a refresh token. Whether there was one is not told: the answer is empty.
pub(super) async fn revoke(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let arrival = match http.arrival(&head).await {
        Ok(arrival) => arrival,
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    let asked = revoke_for(&http, &arrival, &head, body).await;
    let (is_open, revoked) = asked.unwrap_or_else(|refusal| (false, Err(refusal)));
    let mut response = match revoked {
        Ok(()) => done(),
        Err(refusal) => {
            let challenge = head.headers.contains_key(AUTHORIZATION);
            // Auth0 answers as the RFC says here, whatever it does elsewhere.
            let profile = ErrorProfile::Rfc;
            answer(&refusal, &Asked { challenge, profile, ..Asked::of(&http, &arrival.tenant) })
        }
    };
    if is_open {
        cross_origin::open(&mut response);
    }
    response
}

type Revoked = Result<(), Refusal>;

/// What became of it, and whether scripts of every site may read that.
async fn revoke_for(http: &Http, arrival: &Arrival, head: &Parts, body: Body) -> Result<(bool, Revoked), Refusal> {
    let (asked, authorization) = ClientRequest::read(http, head, body).await?;
    let request = RevocationRequest::read(asked.parameters()?, authorization)?;
    let is_open = request.client.secret.is_none();
    Ok((is_open, http.ender.end(request, &arrival.tenant, arrival.source).await))
}

fn done() -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
