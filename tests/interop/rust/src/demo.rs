//! The demo client that `mintage dev` writes to `demo.env`, and the HTTP client that trusts its certificate.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, bail};
use oauth2::{HttpClientError, HttpRequest, HttpResponse};
use reqwest::Certificate;
use url::Url;

/// What a stranger is told: where, who, with what, for which API.
pub(crate) struct Demo {
    pub(crate) token_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) audience: String,
    pub(crate) http: reqwest::Client,
}

impl Demo {
    pub(crate) fn read(file: &str) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
        let lines: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let line = |name: &str| match lines.get(name) {
            Some(value) => Ok(value.trim_matches(['"', '\'']).to_owned()),
            None => bail!("{file} has no {name}"),
        };
        let ca = Certificate::from_pem(&fs::read(line("MINTAGE_CA")?)?)?;
        Ok(Self {
            token_url: line("MINTAGE_HTTPS_TOKEN_URL")?,
            client_id: line("DEMO_CLIENT_ID")?,
            client_secret: line("DEMO_CLIENT_SECRET")?,
            audience: line("DEMO_AUDIENCE")?,
            http: reqwest::Client::builder().tls_certs_only([ca]).build()?,
        })
    }

    /// The issuer that an HTTPS client sees: the origin it calls, with a slash behind.
    pub(crate) fn issuer(&self) -> anyhow::Result<String> {
        Ok(format!("{}/", Url::parse(&self.token_url)?.origin().ascii_serialization()))
    }

    /// How the `oauth2` crate reaches the network.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpClientError<reqwest::Error>> {
        let boxed = |error| HttpClientError::Reqwest(Box::new(error));
        let answer = self.http.execute(request.try_into().map_err(boxed)?).await.map_err(boxed)?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let body = answer.bytes().await.map_err(boxed)?.to_vec();
        response.body(body).map_err(HttpClientError::Http)
    }
}
