//! Verifies an access token as an API would that knows only the issuer.

use anyhow::{Context, ensure};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::demo::Demo;

/// The claims of RFC 9068 that the checks look at; the others are validated by the library.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) client_id: String,
    pub(crate) scope: String,
    pub(crate) jti: String,
    pub(crate) sub: String,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Finds the key set by discovery, and the key by `kid`.
pub(crate) async fn verify(demo: &Demo, token: &str) -> anyhow::Result<Claims> {
    let issuer = demo.issuer()?;
    let document = demo.http.get(format!("{issuer}.well-known/oauth-authorization-server")).send().await?;
    let discovery: Discovery = document.error_for_status()?.json().await.context("discovery")?;
    ensure!(discovery.issuer == issuer, "discovery says issuer {}, not {issuer}", discovery.issuer);
    let keys = demo.http.get(discovery.jwks_uri).send().await?.error_for_status()?;
    let keys: JwkSet = keys.json().await.context("key set")?;

    let header = decode_header(token)?;
    ensure!(header.typ.as_deref() == Some("at+jwt"), "typ is {:?}", header.typ);
    let kid = header.kid.context("no kid")?;
    let key = keys.find(&kid).with_context(|| format!("{kid} is not in the key set"))?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[&demo.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 5;
    Ok(decode::<Claims>(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}
