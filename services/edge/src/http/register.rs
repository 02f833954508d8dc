//! `/oidc/register`: clients that register themselves (RFC 7591), and manage what they registered (RFC 7592).

use std::future::Future;
use std::sync::Arc;

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use ::http::request::Parts;
use ::http::{HeaderValue, StatusCode};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::errors::{Asked, answer};
use super::media_type::MediaType;
use super::{Arrival, Http, bearer, body, metadata};
use crate::domain::{NewlyRegistered, Refusal, Registered, RegistrationKey, RegistrationRequest, Tenant};

/// Registers a client.
pub(super) async fn register(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |http, arrival, head, body| {
        let initial_access_token = bearer::token(&head)?;
        let metadata = metadata_of(&http, &head, body).await?.metadata;
        let request = RegistrationRequest { metadata, initial_access_token, source: arrival.source };
        let NewlyRegistered { client, client_secret, registration_access_token } =
            http.registrations.register(&arrival.tenant, request).await?;
        let written = written(&arrival.tenant, &client, client_secret.as_deref(), &registration_access_token)?;
        Ok(json(StatusCode::CREATED, written))
    })
    .await
}

/// Shows what is registered.
pub(super) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |http, arrival, head, _| {
        let key = key_of(&head, &arrival)?;
        let token = key.token.clone();
        let client = http.registrations.registration(&arrival.tenant, key).await?;
        Ok(json(StatusCode::OK, written(&arrival.tenant, &client, None, &token)?))
    })
    .await
}

/// Replaces what is registered.
pub(super) async fn replace(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |http, arrival, head, body| {
        let key = key_of(&head, &arrival)?;
        let (token, client_id) = (key.token.clone(), key.client_id.clone());
        let said = metadata_of(&http, &head, body).await?;
        if said.client_id.as_deref() != Some(&client_id) {
            let rule = "it must be the client's own".into();
            return Err(Refusal::MetadataRefused { field: "client_id".into(), rule });
        }
        let client = http.registrations.replace(&arrival.tenant, key, said.metadata).await?;
        Ok(json(StatusCode::OK, written(&arrival.tenant, &client, None, &token)?))
    })
    .await
}

/// Ends a registration.
pub(super) async fn delete(State(http): State<Arc<Http>>, request: Request) -> Response {
    receive(http, request, async |http, arrival, head, _| {
        http.registrations.delete(&arrival.tenant, key_of(&head, &arrival)?).await?;
        let mut response = json(StatusCode::NO_CONTENT, Vec::new());
        response.headers_mut().remove(CONTENT_TYPE);
        Ok(response)
    })
    .await
}

async fn receive<F>(
    http: Arc<Http>,
    request: Request,
    respond: impl FnOnce(Arc<Http>, Arrival, Parts, Body) -> F,
) -> Response
where
    F: Future<Output = Result<Response, Refusal>>,
{
    let (head, body) = request.into_parts();
    let shown = head.headers.contains_key(::http::header::AUTHORIZATION);
    let arrival = match http.arrival(&head).await {
        Ok(arrival) => arrival,
        Err(refusal) => return answer(&refusal, &Asked::of_nobody(&http)),
    };
    match respond(Arc::clone(&http), arrival, head, body).await {
        Ok(response) => response,
        Err(refusal) => {
            let mut response = answer(&refusal, &Asked::of_nobody(&http));
            bearer::challenge(&mut response, &refusal, shown);
            response
        }
    }
}

async fn metadata_of(http: &Http, head: &Parts, body: Body) -> Result<metadata::Said, Refusal> {
    if MediaType::of(&head.headers).ok() != Some(MediaType::Json) {
        return Err(Refusal::JsonExpected);
    }
    let limits = &http.limits;
    let bytes = body::read(&head.headers, body, limits.max_body_bytes, limits.body_timeout).await?;
    metadata::read(&bytes)
}

/// The registration that a request names and proves to hold.
fn key_of(head: &Parts, arrival: &Arrival) -> Result<RegistrationKey, Refusal> {
    let token = bearer::token(head)?.ok_or(Refusal::Unauthenticated)?;
    let client_id = head.uri.path().strip_prefix(PATH).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if !(1..=MAX_CLIENT_ID).contains(&client_id.len()) || !client_id.bytes().all(allowed) {
        return Err(Refusal::Unauthenticated);
    }
    Ok(RegistrationKey { client_id: client_id.to_owned(), token, source: arrival.source })
}

fn written(tenant: &Tenant, client: &Registered, secret: Option<&str>, token: &str) -> Result<Vec<u8>, Refusal> {
    let address = format!("{}oidc/register/{}", tenant.issuer, client.client_id);
    metadata::write(client, secret, token, &address)
}

fn json(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(json.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

const PATH: &str = "/oidc/register/";
const MAX_CLIENT_ID: usize = 128;
