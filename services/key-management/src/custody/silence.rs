//! How long signatures wait for a token, and when none of them asks it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Silent;

/// What is known of a token's silence. Once it let somebody wait for too long, nobody asks it for a moment, then one at a time,
/// until it answers: requests that want other keys as well must not wait for it again and again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Silence(Arc<Mutex<Option<Instant>>>);

impl Silence {
    /// Leave to ask the token now.
    ///
    /// # Errors
    /// While it is silent.
    pub(crate) fn ask(&self) -> Result<Asked, Silent> {
        let mut until = self.until();
        if let Some(end) = *until {
            let now = Instant::now();
            if now < end {
                return Err(Silent);
            }
            // The one that tries for all.
            *until = Some(now + PAUSE);
        }
        drop(until);
        Ok(Asked(self.clone()))
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to ask a token once.
#[must_use = "whoever asks waits for the answer"]
#[derive(Debug)]
pub(crate) struct Asked(Silence);

impl Asked {
    /// What the token answers, be it good or bad.
    ///
    /// # Errors
    /// When it does not answer in time.
    pub(crate) async fn wait<T>(self, answer: impl Future<Output = T>) -> Result<T, Silent> {
        let answered = timeout(PATIENCE, answer).await.map_err(|_| Silent);
        let was_silent = match answered {
            Ok(_) => self.0.until().take().is_some(),
            Err(Silent) => self.0.until().replace(Instant::now() + PAUSE).is_some(),
        };
        match answered {
            Ok(_) if was_silent => tracing::info!("the token answers again"),
            Err(Silent) if !was_silent => {
                tracing::error!(
                    milliseconds = PATIENCE.as_millis(),
                    "the token does not answer: what it keeps is not signed"
                );
            }
            _ => {}
        }
        answered
    }
}

/// Ten times what an HSM takes for a signature by RSA-4096, and a tenth of what a request has that wants several signatures.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);
/// How long nobody asks a token that was silent.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_that_was_silent_is_asked_by_nobody_for_a_moment_and_then_by_one() {
        let silence = Silence::default();
        let began = Instant::now();
        let asked = [silence.ask().unwrap(), silence.ask().unwrap()];
        for asked in asked.map(|asked| asked.wait(pending::<()>())) {
            assert_eq!(asked.await, Err(Silent));
        }
        assert_eq!(began.elapsed(), PATIENCE * 2);
        assert_eq!(silence.ask().map(drop), Err(Silent));
        tokio::time::advance(PAUSE).await;
        let one = silence.ask().unwrap();
        assert_eq!(silence.ask().map(drop), Err(Silent), "one tries for all");
        assert_eq!(one.wait(pending::<()>()).await, Err(Silent));
        assert_eq!(silence.ask().map(drop), Err(Silent));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_the_silence_at_once() {
        let silence = Silence::default();
        let (first, other) = (silence.ask().unwrap(), silence.ask().unwrap());
        assert_eq!(first.wait(pending::<()>()).await, Err(Silent));
        assert!(silence.ask().is_err());
        assert_eq!(other.wait(ready(1)).await, Ok(1));
        assert!(silence.ask().is_ok() && silence.ask().is_ok());
    }
}
