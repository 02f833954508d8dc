//! Keeps a connection to one address of a sibling.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::connector::Connector;
use super::pool::{Hope, Pool};
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
        loop {
            let Err(error) = self.attempt(&mut hope).await else {
                pause = FIRST_PAUSE;
                self.lost.notify_one();
                continue;
            };
            self.complain(&*error, pause == FIRST_PAUSE);
            hope = None;
            self.lost.notify_one();
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One connection from its making to its end; an error when it could not be made or was refused. When it was a good
    /// one there is hope for the next: the other end drained, or the network broke.
    async fn attempt(&self, hope: &mut Option<Hope>) -> Result<(), Box<dyn Error + Send + Sync>> {
        let (sender, driver) = self.connector.connect(self.address).await?;
        // On its own, so that requests under way outlive this task.
        let driver = tokio::spawn(driver);
        let published = self.pool.publish(self.address, sender);
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

/// After the first failure; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A connection that lasted as long was none that was refused.
const GOOD: Duration = Duration::from_secs(1);
