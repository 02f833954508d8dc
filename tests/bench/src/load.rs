//! The load: keep-alive connections that ask for one token after another, and check each answer.

use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::algorithm::Algorithm;
use crate::endpoint::Endpoint;
use crate::turns::Turns;

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
    /// Asks for `time`, as any of the clients.
    pub(crate) async fn run(&self, time: Duration) -> anyhow::Result<Outcome> {
        let end = Instant::now() + time;
        self.ask(|connection| Turns::until(end, connection)).await
    }

    /// Asks once as each client, in an order that is none.
    pub(crate) async fn once_each(&self) -> anyhow::Result<Outcome> {
        let turns = Turns::once_each();
        self.ask(|_| turns.clone()).await
    }

    /// Waits until every server answers with a token: processes that have just started find each other first.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        let form = self.endpoint.forms.first().context("nobody asks")?;
        let end = Instant::now() + SETTLED_WITHIN;
        for address in &self.endpoint.addresses {
            let mut sender = connect(address).await?;
            // As often as there may be ways behind it.
            for _ in 0..WAYS {
                loop {
                    let (status, body) = self.answer(&mut sender, form.clone()).await?;
                    if status == StatusCode::OK {
                        break;
                    }
                    let body = String::from_utf8_lossy(&body);
                    ensure!(Instant::now() < end, "{address} does not issue tokens: {status}: {body}");
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
            }
        }
        Ok(())
    }

    /// The first answer that is not a token of the algorithm ends the run with an error.
    async fn ask(&self, turns: impl Fn(u16) -> Turns) -> anyhow::Result<Outcome> {
        let mut connections = JoinSet::new();
        let mut latencies = latencies()?;
        let mut senders = Vec::new();
        for (address, number) in self.endpoint.addresses.iter().cycle().zip(0..self.connections) {
            senders.push((connect(address).await?, number));
        }
        let start = Instant::now();
        for (sender, number) in senders {
            connections.spawn(self.clone().ask_in_turns(sender, turns(number)));
        }
        while let Some(connection) = connections.join_next().await {
            latencies.add(connection??)?;
        }
        Ok(Outcome { tokens: latencies.len(), elapsed: start.elapsed(), latencies })
    }

    async fn ask_in_turns(
        self,
        mut sender: SendRequest<Full<Bytes>>,
        mut turns: Turns,
    ) -> anyhow::Result<Histogram<u64>> {
        let mut latencies = latencies()?;
        let mut known_header = String::new();
        while let Some(form) = turns.next(&self.endpoint.forms) {
            let start = Instant::now();
            let (status, body) = self.answer(&mut sender, form).await?;
            latencies.record(u64::try_from(start.elapsed().as_micros())?)?;
            ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&body));
            check(&body, self.algorithm, &mut known_header)?;
        }
        Ok(latencies)
    }

    async fn answer(&self, sender: &mut SendRequest<Full<Bytes>>, form: Bytes) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::post(&self.endpoint.path)
            .header(header::HOST, &self.endpoint.host)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(form))?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        Ok((response.status(), response.into_body().collect().await?.to_bytes()))
    }
}

async fn connect(address: &str) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.with_context(|| address.to_owned())?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
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

const SETTLED_WITHIN: Duration = Duration::from_secs(30);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
const WAYS: usize = 8;

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
