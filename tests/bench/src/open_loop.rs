//! An open loop: requests go by a schedule that was fixed beforehand, whether or not earlier ones were answered, and each
//! is timed from when it was due. So a server that falls behind is seen to, and nothing is left out where it hurts.
//!
//! The connections are what a load balancer without a queue would have: a request that is due while all of them wait for
//! an answer is not sent, and counted as such.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::endpoint::Endpoint;

/// What is asked, how often, by whom.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) endpoint: Endpoint,
    /// Requests a second.
    pub(crate) rate: f64,
    pub(crate) time: Duration,
    pub(crate) connections: u16,
    /// Addresses of loopback that the connections come from, in turn.
    pub(crate) addresses: u8,
}

/// What came back. Latencies are in microseconds from when a request was due.
pub(crate) struct Outcome {
    pub(crate) offered: u64,
    pub(crate) issued: Histogram<u64>,
    /// Of those, the ones that came before the schedule ended.
    pub(crate) in_time: u64,
    pub(crate) refused: Histogram<u64>,
    /// Answers that are neither a token nor a 503, and connections that broke.
    pub(crate) failed: u64,
    /// Not sent, since every connection waited for an answer.
    pub(crate) unsent: u64,
    over: bool,
}

impl Outcome {
    fn empty() -> anyhow::Result<Self> {
        let latencies = || Histogram::new_with_bounds(1, 120_000_000, 3);
        let (issued, refused) = (latencies()?, latencies()?);
        Ok(Self { offered: 0, issued, in_time: 0, refused, failed: 0, unsent: 0, over: false })
    }

    /// What was neither answered nor failed when the patience was over.
    pub(crate) fn unanswered(&self) -> u64 {
        self.offered.saturating_sub(answered(self))
    }
}

/// Requests that are due and not yet sent, by when they were due.
struct Due {
    times: Mutex<VecDeque<Instant>>,
    come: Notify,
    /// Connections that wait for nothing.
    free: AtomicI64,
}

impl Due {
    fn new(connections: u16) -> Self {
        Self { times: Mutex::default(), come: Notify::new(), free: AtomicI64::new(connections.into()) }
    }

    /// Hands one on to a connection; `false` when none is free.
    fn push(&self, due: Instant) -> bool {
        if self.free.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.is_free();
            return false;
        }
        self.times.lock().unwrap_or_else(PoisonError::into_inner).push_back(due);
        self.come.notify_one();
        true
    }

    /// A connection has its answer.
    fn is_free(&self) {
        self.free.fetch_add(1, Ordering::SeqCst);
    }

    async fn next(&self) -> Instant {
        loop {
            if let Some(due) = self.times.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
                return due;
            }
            self.come.notified().await;
        }
    }
}

impl Schedule {
    /// Keeps the schedule, then waits a while for what is still under way.
    pub(crate) async fn keep(&self) -> anyhow::Result<Outcome> {
        let (due, outcome) = (Arc::new(Due::new(self.connections)), Arc::new(Mutex::new(Outcome::empty()?)));
        let mut connections = JoinSet::new();
        for number in 0..self.connections {
            let mut connection = Connection::open(&self.endpoint, self.source(number)?).await?;
            // The first request of a connection costs more than the others.
            connection.ask_once().await?;
            connections.spawn(connection.ask(Arc::clone(&due), Arc::clone(&outcome), self.clone(), number));
        }
        let (start, mut offered, mut unsent) = (Instant::now(), 0_u64, 0);
        let ends = start + self.time;
        let mut next = start;
        while next < ends {
            sleep_until(next).await;
            // The timer is coarse: whatever has become due in the meantime goes now, each with its own time.
            while next <= Instant::now() && next < ends {
                unsent += u64::from(!due.push(next));
                offered += 1;
                next = start + Duration::from_secs_f64(offered as f64 / self.rate);
            }
        }
        let patience = Instant::now() + PATIENCE;
        let told = || outcome.lock().unwrap_or_else(PoisonError::into_inner);
        (told().over, told().unsent) = (true, unsent);
        while Instant::now() < patience && answered(&told()) < offered {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        connections.shutdown().await;
        let mut taken = std::mem::replace(&mut *told(), Outcome::empty()?);
        taken.offered = offered;
        Ok(taken)
    }

    fn source(&self, number: u16) -> anyhow::Result<SocketAddr> {
        let last = 1 + u8::try_from(number % u16::from(self.addresses.max(1)))?;
        Ok(([127, 0, 0, last], 0).into())
    }
}

fn answered(outcome: &Outcome) -> u64 {
    outcome.issued.len() + outcome.refused.len() + outcome.failed + outcome.unsent
}

/// A keep-alive connection of HTTP/1.1 with one request in flight.
struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(endpoint: &Endpoint, source: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(source)?;
        let Endpoint { addresses, host, path, forms } = endpoint;
        let (address, form) = (addresses.first().context("no server")?, forms.first().context("nobody asks")?);
        let stream = socket.connect(address.parse()?).await.with_context(|| address.clone())?;
        stream.set_nodelay(true)?;
        let length = form.len();
        let header = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {length}\r\n\r\n"
        );
        let request = [header.as_bytes(), form].concat();
        Ok(Self { stream, request, buffer: Vec::with_capacity(8192) })
    }

    async fn ask(mut self, due: Arc<Due>, outcome: Arc<Mutex<Outcome>>, schedule: Schedule, number: u16) {
        loop {
            let since = due.next().await;
            let status = self.ask_once().await;
            let latency = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
            let is_broken = status.is_err();
            {
                let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                match status {
                    Ok(200) => {
                        outcome.issued.saturating_record(latency);
                        outcome.in_time += u64::from(!outcome.over);
                    }
                    Ok(503) => outcome.refused.saturating_record(latency),
                    Ok(_) | Err(_) => outcome.failed += 1,
                }
            }
            if is_broken {
                let source = schedule.source(number);
                let Ok(source) = source else { return };
                let Ok(again) = Self::open(&schedule.endpoint, source).await else { return };
                self = again;
            }
            due.is_free();
        }
    }

    /// The status of one answer, read to its end.
    async fn ask_once(&mut self) -> anyhow::Result<u16> {
        timeout(PATIENCE, async {
            self.stream.write_all(&self.request).await?;
            self.buffer.clear();
            loop {
                ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection ended");
                if let Some((status, length)) = read(&self.buffer)?
                    && self.buffer.len() >= length
                {
                    return Ok(status);
                }
            }
        })
        .await?
    }
}

/// The status of an answer and its whole length, once its header is there.
fn read(answer: &[u8]) -> anyhow::Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let header = std::str::from_utf8(answer.get(..end).context("a header")?)?;
    let mut lines = header.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("a status")?.parse()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without a length")?;
    Ok(Some((status, end + 4 + length.1.trim().parse::<usize>()?)))
}

/// For what is under way when the schedule has ended, and for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let whole = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(read(whole).unwrap(), Some((503, whole.len())));
        assert_eq!(read(&whole[..20]).unwrap(), None);
        assert!(read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    /// A server that stops for a while: an open loop sees every request that was due meanwhile, a closed one only those
    /// that it had in flight.
    #[tokio::test]
    async fn a_pause_of_the_server_is_seen_by_every_request_that_was_due_in_it() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut buffer, mut answered) = (vec![0; 4096], 0);
            while stream.read(&mut buffer).await.unwrap_or(0) > 0 {
                if answered == 11 {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                answered += 1;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            }
        });
        let (addresses, forms) = (vec![address.clone()], ["a=b".into()].into());
        let endpoint = Endpoint { addresses, host: address, path: "/".to_owned(), forms };
        let time = Duration::from_millis(500);
        let schedule = Schedule { endpoint, rate: 100.0, time, connections: 1, addresses: 1 };
        let outcome = schedule.keep().await.unwrap();
        assert_eq!((outcome.offered, outcome.unanswered()), (50, 0));
        assert_eq!(outcome.issued.len() + outcome.unsent, 50);
        assert!(outcome.unsent >= 20, "{} of 50 found the only connection waiting", outcome.unsent);
        assert!(outcome.issued.max() >= 300_000, "and one waited itself");
    }
}
