//! Whether the token is there, for those who look at metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mintage_chassis::telemetry::names::TOKEN_UP;
use mintage_pkcs11::Token;
use tokio::time::{MissedTickBehavior, interval};

use super::Calls;

/// Asks the token again and again. Nothing hangs on what it answers: a replica that was ready stays so, since every other one
/// would lack the same token, and key sets, sealed keys and revocations are to be had without it.
#[derive(Debug)]
pub(crate) struct Pulse {
    token: Arc<Token>,
    /// One question at a time.
    calls: Calls,
    there: AtomicBool,
}

impl Pulse {
    /// Of a token that was entered.
    pub(crate) fn new(token: Arc<Token>) -> Arc<Self> {
        Arc::new(Self { token, calls: Calls::new(1), there: AtomicBool::new(true) })
    }

    /// Shows it for as long as somebody holds it.
    pub(crate) fn show(self: &Arc<Self>) {
        let pulse = Arc::downgrade(self);
        TOKEN_UP.observe(move |see| {
            if let Some(pulse) = pulse.upgrade() {
                see([], if pulse.there.load(Ordering::Relaxed) { 1.0 } else { 0.0 });
            }
        });
    }

    /// Feels it for as long as the process lives.
    pub(crate) async fn keep(self: Arc<Self>) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.feel().await;
        }
    }

    async fn feel(&self) {
        let token = Arc::clone(&self.token);
        let answered = self.calls.call(PATIENCE, move || token.check()).await;
        let fault = match answered {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(silent) => Some(silent.to_string()),
        };
        let was_there = self.there.swap(fault.is_none(), Ordering::Relaxed);
        match fault {
            Some(error) if was_there => tracing::error!(token = self.token.label(), error, "the token is away"),
            None if !was_there => tracing::info!(token = self.token.label(), "the token is there again"),
            _ => {}
        }
    }
}

const INTERVAL: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use mintage_pkcs11::{Pin, TokenAccess};
    use mintage_testkit::{SoftHsm, manual_clock};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_that_does_not_answer_is_shown_to_be_away_until_it_does() {
        let name = concat!(module_path!(), "::a_token_that_does_not_answer_is_shown_to_be_away_until_it_does");
        let Some(hsm) = SoftHsm::of(name) else { return };
        let access =
            TokenAccess { module: hsm.module(), label: SoftHsm::LABEL.to_owned(), pin: Pin::new(SoftHsm::PIN) };
        let token = Arc::new(Token::open(access, manual_clock().clock()).unwrap());
        let silent = Pulse { token, calls: Calls::new(0), there: AtomicBool::new(true) };
        silent.feel().await;
        assert!(!silent.there.load(Ordering::Relaxed));
        tokio::time::resume();
        let answering = Pulse { calls: Calls::new(1), ..silent };
        answering.feel().await;
        assert!(answering.there.load(Ordering::Relaxed));
    }
}
