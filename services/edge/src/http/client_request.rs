//! A request by which a client proves itself: its parameters in the body, and nowhere else.

use ::http::HeaderMap;
use ::http::header::AUTHORIZATION;
use ::http::request::Parts;
use axum::body::Body;
use bytes::Bytes;

use super::media_type::MediaType;
use super::{Http, basic, body, form, json, query};
use crate::domain::{Authorization, Parameters, Refusal};

/// A body with what stood beside it.
pub(super) struct ClientRequest {
    media_type: MediaType,
    bytes: Bytes,
}

impl ClientRequest {
    /// Reads a body and the `Authorization` header.
    pub(super) async fn read(http: &Http, head: &Parts, body: Body) -> Result<(Self, Authorization<'static>), Refusal> {
        query::expect_no_parameter(head.uri.query().unwrap_or_default())?;
        let media_type = MediaType::of(&head.headers)?;
        let authorization = authorization(&head.headers)?;
        let bytes = body::read(&head.headers, body, http.limits.max_body_bytes, http.limits.body_timeout).await?;
        Ok((Self { media_type, bytes }, authorization))
    }

    /// What the body says.
    pub(super) fn parameters(&self) -> Result<Parameters<'_>, Refusal> {
        match self.media_type {
            MediaType::Form => form::parse(&self.bytes),
            MediaType::Json => json::parse(&self.bytes),
        }
    }
}

fn authorization(headers: &HeaderMap) -> Result<Authorization<'static>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(Authorization::Absent),
        (Some(value), None) => Ok(basic::parse(value.as_bytes())),
        (Some(_), Some(_)) => Err(Refusal::ClientAuthenticationAmbiguous),
    }
}
