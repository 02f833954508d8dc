//! The connections to a sibling that stand, and whether more are likely soon.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::body::Body;

/// The connections that stand. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    standing: Arc<watch::Sender<Standing>>,
    turns: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Standing {
    open: Vec<Arc<Open>>,
    /// Attempts under way that did not just fail: a call waits for them, and for nothing else.
    hopes: usize,
}

/// A connection that stands.
#[derive(Debug)]
pub(super) struct Open {
    address: SocketAddr,
    sender: SendRequest<Body>,
    under_way: AtomicUsize,
    ends: AtomicBool,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { standing: Arc::new(watch::Sender::new(Standing::default())), turns: Arc::default() }
    }

    /// Says that a connection may stand soon, until the value is dropped.
    pub(super) fn hope(&self) -> Hope {
        self.standing.send_modify(|standing| standing.hopes += 1);
        Hope(self.clone())
    }

    /// Takes in a connection, until the value is dropped.
    pub(super) fn publish(&self, address: SocketAddr, sender: SendRequest<Body>) -> Published {
        let open = Arc::new(Open { address, sender, under_way: AtomicUsize::new(0), ends: AtomicBool::new(false) });
        self.standing.send_modify(|standing| standing.open.push(Arc::clone(&open)));
        Published { pool: self.clone(), open }
    }

    /// A connection to call over: of two whose turn it is, the less busy. Waits for one as long as there is hope, and not
    /// longer than `patience`.
    pub(super) async fn open(&self, patience: Duration) -> Option<Arc<Open>> {
        if let Some(open) = self.turn(&self.standing.borrow()) {
            return Some(open);
        }
        let mut standing = self.standing.subscribe();
        let answered =
            standing.wait_for(|standing| standing.hopes == 0 || standing.open.iter().any(|open| open.takes()));
        let answered = timeout(patience, answered).await;
        self.turn(&*answered.ok()?.ok()?)
    }

    fn turn(&self, standing: &Standing) -> Option<Arc<Open>> {
        let many = standing.open.len();
        let first = self.turns.fetch_add(1, Ordering::Relaxed).checked_rem(many)?;
        let in_turn = standing.open.iter().cycle().skip(first).take(many);
        let two = in_turn.filter(|open| open.takes()).take(2);
        two.min_by_key(|open| open.under_way.load(Ordering::Relaxed)).map(Arc::clone)
    }
}

/// What came of a request.
pub(super) enum Sent {
    /// An answer, or the end of the connection before it.
    Answered(Result<Response<Incoming>, hyper::Error>),
    /// The connection took no more requests; this one did not leave the process.
    Back(Box<Request<Body>>),
}

impl Open {
    fn takes(&self) -> bool {
        !self.ends.load(Ordering::Relaxed) && !self.sender.is_closed()
    }

    /// It takes no more: the other end said so.
    pub(super) fn ends(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }

    /// Sends `request` and waits until its answer begins.
    pub(super) async fn send(&self, request: Request<Body>) -> Sent {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _until_answered = UnderWay(&self.under_way);
        match self.sender.clone().try_send_request(request).await {
            Ok(answer) => Sent::Answered(Ok(answer)),
            Err(mut refused) => match refused.take_message() {
                Some(request) => Sent::Back(Box::new(request)),
                None => Sent::Answered(Err(refused.into_error())),
            },
        }
    }

    /// Where it leads.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Keeps calls waiting.
#[derive(Debug)]
pub(super) struct Hope(Pool);

impl Drop for Hope {
    fn drop(&mut self) {
        self.0.standing.send_modify(|standing| standing.hopes = standing.hopes.saturating_sub(1));
    }
}

/// Keeps a connection in the pool. Requests under way on it may end after.
#[derive(Debug)]
pub(super) struct Published {
    pool: Pool,
    open: Arc<Open>,
}

impl Drop for Published {
    fn drop(&mut self) {
        self.pool.standing.send_modify(|standing| standing.open.retain(|open| !Arc::ptr_eq(open, &self.open)));
    }
}
