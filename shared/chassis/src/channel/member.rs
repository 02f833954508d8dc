//! Keeps a connection to one address of a sibling.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::circuit::Circuit;
use super::connector::{Connector, Driver};
use super::open::Line;
use super::pool::{Hope, Pool, Queue};
use crate::backoff::jittered;
use crate::status::Chain;

/// One address of a sibling.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) address: SocketAddr,
    pub(super) connector: Arc<Connector>,
    pub(super) pool: Pool,
    /// Hears of every connection that ended or could not be made.
    pub(super) lost: Arc<Notify>,
}

impl Member {
    /// Keeps a connection in the pool, made anew when it ends. Calls wait for the first while `hope` lives. Dropped, it
    /// takes the connection out of the pool, and requests under way on it still end.
    pub(super) async fn keep(self, hope: Hope) {
        let (mut pause, mut hope) = (FIRST_PAUSE, Some(hope));
        let Connector { settings, randomness, .. } = &*self.connector;
        let circuit = Arc::new(Circuit::new(settings.max_failures, randomness.clone()));
        loop {
            let Err(error) = self.attempt(&circuit, &mut hope).await else {
                pause = FIRST_PAUSE;
                self.lost.notify_one();
                // Whoever was connected there lost it at the same moment.
                sleep(jittered(FIRST_PAUSE, randomness)).await;
                continue;
            };
            self.complain(&*error, pause == FIRST_PAUSE);
            hope = None;
            self.lost.notify_one();
            sleep(jittered(pause, randomness)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One connection from its making to its end; an error when it could not be made or was refused. When it was a good
    /// one there is hope for the next: the other end drained, or the network broke.
    async fn attempt(
        &self,
        circuit: &Arc<Circuit>,
        hope: &mut Option<Hope>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let (sender, driver) = self.connector.connect(self.address).await?;
        let most = Arc::new(AtomicUsize::new(driver.current_max_send_streams()));
        // On its own, so that requests under way outlive this task.
        let driver = tokio::spawn(drive(driver, Arc::clone(&most), self.pool.queue()));
        circuit.renewed();
        let published = self.pool.publish(self.address, Line { sender, most }, Arc::clone(circuit));
        *hope = None;
        let began = Instant::now();
        let ended = driver.await?;
        if began.elapsed() >= GOOD {
            *hope = Some(self.pool.hope());
            return Ok(());
        }
        drop(published);
        // With TLS 1.3 a caller hears that it was refused only after it believes itself connected.
        ended?;
        Err("the connection was closed at once".into())
    }

    /// Loud once, for however long it lasts.
    fn complain(&self, error: &dyn Error, is_first: bool) {
        let (address, service, error) = (self.address, self.connector.expected, Chain(error));
        if is_first {
            tracing::warn!(%address, %service, %error, "a service cannot be reached");
        } else {
            tracing::debug!(%address, %service, %error, "a service still cannot be reached");
        }
    }
}

/// Drives a connection to its end, and keeps in `most` how many calls the other end takes at the same time, as it was when
/// the last one went; those in `queue` hear that there is more room.
async fn drive(driver: Driver, most: Arc<AtomicUsize>, queue: Arc<Queue>) -> Result<(), hyper::Error> {
    let mut driver = pin!(driver);
    std::future::poll_fn(|cx| {
        let poll = driver.as_mut().poll(cx);
        let now = driver.current_max_send_streams();
        queue.grew(now.saturating_sub(most.swap(now, Ordering::Relaxed)));
        poll
    })
    .await
}

/// After the first failure; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A connection that lasted as long was none that was refused.
const GOOD: Duration = Duration::from_secs(1);
