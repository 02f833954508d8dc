//! The load: keep-alive connections that ask for one token after another, and check each answer.

use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::algorithm::Algorithm;

/// Where tokens are had, and the form that asks for one.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) address: String,
    pub(crate) path: String,
    pub(crate) form: String,
}

/// What is asked of an endpoint, and what must come back.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) endpoint: Endpoint,
    pub(crate) algorithm: Algorithm,
    pub(crate) connections: u16,
}

/// What came back.
pub(crate) struct Outcome {
    pub(crate) tokens: u64,
    pub(crate) elapsed: Duration,
    /// In microseconds.
    pub(crate) latencies: Histogram<u64>,
}

impl Load {
    /// Asks for `time`; the first answer that is not a token of the algorithm ends the run with an error.
    pub(crate) async fn run(&self, time: Duration) -> anyhow::Result<Outcome> {
        let mut connections = JoinSet::new();
        let mut latencies = latencies()?;
        let mut senders = Vec::new();
        for _ in 0..self.connections {
            senders.push(self.connect().await?);
        }
        let start = Instant::now();
        for sender in senders {
            connections.spawn(self.clone().ask_until(sender, start + time));
        }
        while let Some(connection) = connections.join_next().await {
            latencies.add(connection??)?;
        }
        Ok(Outcome { tokens: latencies.len(), elapsed: start.elapsed(), latencies })
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.endpoint.address).await.with_context(|| self.endpoint.address.clone())?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn ask_until(self, mut sender: SendRequest<Full<Bytes>>, end: Instant) -> anyhow::Result<Histogram<u64>> {
        let mut latencies = latencies()?;
        let mut known_header = String::new();
        let form = Bytes::from(self.endpoint.form.clone());
        while Instant::now() < end {
            let request = Request::post(&self.endpoint.path)
                .header(header::HOST, &self.endpoint.address)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::new(form.clone()))?;
            let start = Instant::now();
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            latencies.record(u64::try_from(start.elapsed().as_micros())?)?;
            ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
            check(&body, self.algorithm, &mut known_header)?;
        }
        Ok(latencies)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    access_token: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// A token of the algorithm; its header is decoded once, and compared from then on.
fn check(body: &[u8], algorithm: Algorithm, known_header: &mut String) -> anyhow::Result<()> {
    let answer: Answer<'_> = serde_json::from_slice(body)?;
    let (header, _) = answer.access_token.split_once('.').context("the access token is no JWT")?;
    if header != known_header {
        let decoded: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
        ensure!(decoded.alg == algorithm.as_str(), "the token is signed with {}, not {algorithm}", decoded.alg);
        header.clone_into(known_header);
    }
    Ok(())
}

/// Up to a minute, three significant digits.
fn latencies() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::check;
    use crate::algorithm::Algorithm;

    fn answer(header: &str) -> Vec<u8> {
        format!("{{\"access_token\":\"{}.e30.c2ln\",\"expires_in\":1}}", URL_SAFE_NO_PAD.encode(header)).into_bytes()
    }

    #[test]
    fn a_token_of_the_algorithm_passes_and_any_other_does_not() {
        let mut known = String::new();
        let es256 = answer("{\"alg\":\"ES256\"}");
        check(&es256, Algorithm::Es256, &mut known).expect("right");
        check(&es256, Algorithm::Es256, &mut known).expect("right again");
        assert!(check(&answer("{\"alg\":\"RS256\"}"), Algorithm::Es256, &mut known).is_err());
        assert!(check(b"{\"error\":\"invalid_client\"}", Algorithm::Es256, &mut known).is_err());
    }
}
