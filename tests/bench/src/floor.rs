//! The floor: what a token costs when nothing is checked. A form is parsed, an RFC 9068 token of the suite's size is
//! signed, one process, one key, built with the server's profile and allocator. `mintage-bench-floor ES256`.
#![expect(clippy::print_stdout, reason = "it announces itself on stdout")]

mod algorithm;
mod signer;

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use aws_lc_rs::rand;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::algorithm::Algorithm;
use crate::signer::Signer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let algorithm: Algorithm = std::env::args().nth(1).context("usage: mintage-bench-floor ES256|RS256")?.parse()?;
    let header = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"at+jwt\",\"kid\":\"{}\"}}", "k".repeat(43));
    let mint = Mint { signer: Signer::generate(algorithm)?, header: URL_SAFE_NO_PAD.encode(header) };
    let app = Router::new().route("/oauth/token", post(token)).with_state(Arc::new(mint));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &"c".repeat(32))
        .append_pair("client_secret", &"s".repeat(53))
        .append_pair("audience", AUDIENCE)
        .append_pair("scope", "read:demo write:demo")
        .finish();
    let address = listener.local_addr()?;
    println!("ready {}", serde_json::json!({ "address": address, "path": "/oauth/token", "form": form }));
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        terminate.recv().await;
    };
    axum::serve(listener, app).with_graceful_shutdown(stop).await?;
    Ok(())
}

struct Mint {
    signer: Signer,
    header: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: u64,
    exp: u64,
    scope: &'a str,
    client_id: &'a str,
    jti: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    access_token: String,
    scope: &'a str,
    expires_in: u64,
    token_type: &'a str,
}

type Reply = (StatusCode, [(HeaderName, &'static str); 2], Vec<u8>);

async fn token(State(mint): State<Arc<Mint>>, body: Bytes) -> Reply {
    let answered = mint.answer(&body);
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into_bytes()),
    };
    (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body)
}

impl Mint {
    fn answer(&self, form: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (mut client_id, mut audience, mut scope) = (String::new(), String::new(), String::new());
        for (name, value) in form_urlencoded::parse(form) {
            match &*name {
                "client_id" => client_id = value.into_owned(),
                "audience" => audience = value.into_owned(),
                "scope" => scope = value.into_owned(),
                _ => {}
            }
        }
        let mut jti = [0; 16];
        rand::fill(&mut jti).ok().context("no randomness")?;
        let iat = UNIX_EPOCH.elapsed()?.as_secs();
        let claims = Claims {
            iss: "http://127.0.0.1:8080/",
            sub: format!("{client_id}@clients"),
            aud: &audience,
            iat,
            exp: iat + LIFETIME.as_secs(),
            scope: &scope,
            client_id: &client_id,
            jti: URL_SAFE_NO_PAD.encode(jti),
        };
        let mut access_token = self.header.clone();
        access_token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims)?, &mut access_token);
        let signature = self.signer.sign(access_token.as_bytes())?;
        access_token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut access_token);
        let (expires_in, token_type) = (LIFETIME.as_secs(), "Bearer");
        Ok(serde_json::to_vec(&Answer { access_token, scope: &scope, expires_in, token_type })?)
    }
}

const AUDIENCE: &str = "https://demo.mintage.test/";
const LIFETIME: Duration = Duration::from_secs(86_400);
