//! What a service cannot serve without, asked after again and again beside its requests.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::Health;
use crate::Transport;
use crate::feed::{Freshness, State};

/// Something that a service must have to serve, of which it alone knows whether it has it. What another replica would
/// lack as well and a cache makes up for is none.
#[async_trait]
pub trait Need: Debug + Send + Sync {
    /// Whether it is there now. It is asked every 2 seconds and given 1 second; the error says for a probe what is not
    /// there.
    ///
    /// # Errors
    /// What is not there.
    async fn check(&self) -> Result<(), &'static str>;
}

/// Waits until all of `needs` are there for the first time, for a moment at most; says when that was.
pub(super) async fn begin(needs: &[Arc<dyn Need>], health: &Health) -> Option<Instant> {
    let well = async {
        while let Some(what) = missing(needs).await {
            health.lacks(Some(what)).await;
            sleep(BRIEFLY).await;
        }
        health.lacks(None).await;
        Instant::now()
    };
    timeout(BEGINNING, well).await.ok()
}

/// Lets `health` say whether every one of `needs` is there, as it was at `last_well`. Probes read what was found last, so
/// that however many ask, nobody else is asked more often.
pub(super) async fn follow(needs: Vec<Arc<dyn Need>>, health: Health, mut last_well: Option<Instant>) {
    loop {
        sleep(if last_well.is_some() { INTERVAL } else { BRIEFLY }).await;
        match missing(&needs).await {
            None => {
                last_well = Some(Instant::now());
                health.lacks(None).await;
            }
            // A sibling that is just restarted, or a database that fails over, is soon back: callers try again, while
            // a process that they are sent away from is found again later.
            Some(_) if last_well.is_some_and(|at| at.elapsed() < BORNE) => {}
            what => health.lacks(what).await,
        }
    }
}

async fn missing(needs: &[Arc<dyn Need>]) -> Option<&'static str> {
    for need in needs {
        let answer = timeout(PATIENCE, need.check()).await;
        if let Err(what) = answer.unwrap_or(Err("what it needs does not answer in time")) {
            return Some(what);
        }
    }
    None
}

/// The registry, which must have been heard once, and no longer ago than caches may be used.
#[derive(Debug)]
pub struct HeardRegistry(pub Freshness);

#[async_trait]
impl Need for HeardRegistry {
    async fn check(&self) -> Result<(), &'static str> {
        match self.0.state() {
            State::Fresh => Ok(()),
            State::Suspect if self.0.revision() > 0 => Ok(()),
            State::Suspect | State::Stale => Err("the registry was not heard lately"),
        }
    }
}

/// A sibling that must answer, whatever it says.
#[derive(Debug)]
pub struct Answering {
    /// The way to it.
    pub sibling: Transport,
    /// What to say when it does not.
    pub otherwise: &'static str,
}

#[async_trait]
impl Need for Answering {
    async fn check(&self) -> Result<(), &'static str> {
        let asked = HealthClient::new(self.sibling.clone()).check(HealthCheckRequest::default()).await;
        let silent = |code| matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled);
        match asked {
            Err(status) if silent(status.code()) => Err(self.otherwise),
            _ => Ok(()),
        }
    }
}

/// How long a process that starts waits for what it needs before it says that it serves.
const BEGINNING: Duration = Duration::from_secs(2);
/// How often it asks until all was there once.
const BRIEFLY: Duration = Duration::from_millis(100);
const INTERVAL: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(1);
/// How long what was there may be away.
const BORNE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;
    use crate::Tasks;

    #[derive(Debug, Default)]
    struct Cellar {
        gone: AtomicBool,
        silent: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl Need for Cellar {
        async fn check(&self) -> Result<(), &'static str> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.gone.load(Ordering::Relaxed) { Err("the cellar is gone") } else { Ok(()) }
        }
    }

    async fn watched() -> (Arc<Cellar>, Health) {
        let (cellar, health) = (Arc::new(Cellar::default()), Health::of(["a.B"]).await);
        health.follow(vec![Arc::clone(&cellar) as _], &Tasks::new()).await;
        (cellar, health)
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_is_ready_when_it_has_what_it_needs_and_bears_a_short_want() {
        let (cellar, health) = watched().await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(health.unready().await, None);
        cellar.gone.store(true, Ordering::Relaxed);
        sleep(Duration::from_secs(9)).await;
        assert_eq!(health.unready().await, None);
        sleep(Duration::from_secs(4)).await;
        assert_eq!(health.unready().await, Some("the cellar is gone"));
        cellar.gone.store(false, Ordering::Relaxed);
        sleep(Duration::from_secs(2)).await;
        assert_eq!(health.unready().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_never_had_what_it_needs_is_not_ready() {
        let (cellar, health) = (Arc::new(Cellar::default()), Health::of(["a.B"]).await);
        cellar.silent.store(true, Ordering::Relaxed);
        health.follow(vec![Arc::clone(&cellar) as _], &Tasks::new()).await;
        assert_eq!(health.unready().await, Some("what it needs does not answer in time"));
        cellar.silent.store(false, Ordering::Relaxed);
        sleep(Duration::from_secs(2)).await;
        assert_eq!(health.unready().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn probes_ask_nobody() {
        let (cellar, health) = watched().await;
        sleep(Duration::from_secs(1)).await;
        for _ in 0..1000 {
            assert_eq!(health.unready().await, None);
        }
        assert_eq!(cellar.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_drains_does_not_become_ready_again() {
        let (_cellar, health) = watched().await;
        health.not_serving().await;
        sleep(Duration::from_secs(5)).await;
        assert_eq!(health.unready().await, Some("draining"));
    }
}
