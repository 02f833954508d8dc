//! `mintage health`: asks the door for probes of a process, for an image that has no other program.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::arguments::HealthArgs;
use crate::output;

pub(super) async fn run(arguments: &HealthArgs) -> Result<()> {
    let HealthArgs { address, alive } = *arguments;
    let path = if alive { "/healthz" } else { "/readyz" };
    let answer = timeout(PATIENCE, ask(address, path)).await;
    let answer = answer.map_err(|_| anyhow!("{address} does not answer in time"))?;
    // In words: a pipe that breaks here is no reader of ours that has read enough.
    let answer = answer.map_err(|error| anyhow!("{address} does not answer: {error}"))?;
    let (status, body) = read(&answer).with_context(|| format!("{address} does not speak HTTP"))?;
    if status != "200" {
        bail!("{address}{path}: {status}, {body}");
    }
    output::announce(&format!("{body}\n")).context("standard output is closed")
}

async fn ask(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The status and the first line of the body.
fn read(answer: &str) -> Option<(&str, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    Some((status, body.lines().next().unwrap_or_default()))
}

/// Less than an orchestrator waits.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST: u64 = 8 * 1024;
