//! The gate that clients pass by proving who they are, and that tells nothing to those who do not.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::{Attempt, Beat, ClientId, ClientType, Pepper, SecretHash, TenantId, TooMany};

use super::ports::{Directory, Disbelief, Metronome, PortError, UseLog};
use super::records::Client;
use super::{FailureLimiter, IssueError};

/// What a [`ClientGate`] is built of.
pub struct GateParts {
    /// Knows the clients.
    pub directory: Arc<dyn Directory>,
    /// Hashes secrets.
    pub pepper: Pepper,
    /// Counts failures.
    pub limiter: FailureLimiter,
    /// Paces the answers to failures.
    pub metronome: Arc<dyn Metronome>,
    /// Failures are answered at multiples of this after arrival.
    pub failure_grid: Duration,
    /// Hears which secrets are in use.
    pub uses: Arc<dyn UseLog>,
    /// Tells which secrets have ended, and when requests arrived.
    pub clock: Clock,
    /// Blurs when a failure is answered.
    pub randomness: Randomness,
}

/// Authenticates clients: confidential ones by a secret, public ones by the lack of it.
pub struct ClientGate {
    parts: GateParts,
    decoy: SecretHash,
}

/// A request at the gate.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    reading: Duration,
    attempt: Attempt,
}

impl ClientGate {
    /// A gate of these parts.
    #[must_use]
    pub fn new(parts: GateParts) -> Self {
        let decoy = parts.pepper.hash_presented("a secret that no client has");
        Self { parts, decoy }
    }

    /// Hears a request, unless its client or source failed too often. Nothing is looked up or hashed before.
    pub(crate) fn arrive(
        &self,
        tenant: &TenantId,
        client_id: &str,
        source: Option<IpAddr>,
    ) -> Result<Arrival, IssueError> {
        let attempt = self.parts.limiter.attempt(tenant, client_id, source);
        let arrival = Arrival { reading: self.parts.clock.monotonic(), attempt };
        self.hear(arrival, arrival.reading)?;
        Ok(arrival)
    }

    /// Hears a request again that had to wait: of guesses that wait together no more are heard than one after another.
    pub(crate) fn hear_again(&self, arrival: Arrival) -> Result<(), IssueError> {
        self.hear(arrival, self.parts.clock.monotonic())
    }

    fn hear(&self, arrival: Arrival, now: Duration) -> Result<(), IssueError> {
        match self.parts.limiter.refusal(arrival.attempt, now) {
            Some(TooMany { retry_after, limit }) => Err(IssueError::TooManyAttempts { retry_after, limit }),
            None => Ok(()),
        }
    }

    /// A failure that is no client's, but its source's all the same.
    pub(crate) fn record_failure(&self, arrival: Arrival) {
        self.parts.limiter.record_failure(arrival.attempt, self.parts.clock.monotonic());
    }

    /// The client, if there is one and it proves to be who it says. Every failure costs the same and is answered on the
    /// grid.
    pub(crate) async fn admit(
        &self,
        arrival: Arrival,
        tenant: &TenantId,
        client: Option<Arc<Client>>,
        secret: Option<&str>,
    ) -> Result<Arc<Client>, IssueError> {
        let now = self.parts.clock.now();
        let proof = self.proof(client.as_deref(), secret, now);
        let why = match (&client, proof) {
            (Some(client), Ok(secret_id)) => {
                if let Some(secret_id) = secret_id {
                    self.parts.uses.note(tenant, secret_id, now);
                }
                return Ok(Arc::clone(client));
            }
            (_, Err(why)) => why,
            (None, Ok(_)) => Disbelief::UnknownClient,
        };
        self.parts.uses.note_failure(client.as_ref().map(|client| &client.id), why);
        self.record_failure(arrival);
        // Boxed, it does not weigh on those who pass.
        Box::pin(self.hold(arrival)).await;
        Err(IssueError::ClientAuthenticationFailed)
    }

    /// An id that cannot be one is an unknown one, and is looked up like it.
    pub(crate) async fn look_up(&self, tenant: &TenantId, client_id: &str) -> Result<Option<Arc<Client>>, PortError> {
        match client_id.parse::<ClientId>() {
            Ok(id) => self.parts.directory.client(tenant, &id).await,
            Err(_) => Ok(None),
        }
    }

    /// The id of the secret that was presented, if it opens the gate, or why it does not; no id where a public client says
    /// who it is, for which no secret is ever right. Every secret is compared in constant time, dead ones too, and decoys
    /// where there are fewer than a client may have. None at all is as wrong as any.
    fn proof<'a>(
        &self,
        client: Option<&'a Client>,
        presented: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<&'a Arc<str>>, Disbelief> {
        let is_shown = presented.is_some();
        let presented = self.parts.pepper.hash_presented(presented.unwrap_or_default());
        let secrets = client.map_or(&[][..], |client| &client.secrets);
        let (mut found, mut has_ended) = (None, false);
        for secret in secrets {
            let (matches, is_live) = (secret.hash.matches(&presented), secret.is_live(now));
            found = if matches & is_live { Some(&secret.id) } else { found };
            has_ended |= matches & !is_live;
        }
        for _ in secrets.len()..SECRETS_OF_A_CLIENT {
            std::hint::black_box(self.decoy.matches(&presented));
        }
        match (client, found) {
            (None, _) => Err(Disbelief::UnknownClient),
            (Some(client), _) if !client.enabled => Err(Disbelief::DisabledClient),
            (Some(client), _) if client.client_type == ClientType::Public && !is_shown => Ok(None),
            (Some(client), Some(secret_id)) if client.client_type == ClientType::Confidential && is_shown => {
                Ok(Some(secret_id))
            }
            (Some(_), _) if has_ended => Err(Disbelief::DeadSecret),
            (Some(_), _) => Err(Disbelief::WrongSecret),
        }
    }

    /// Waits for the next line of the grid and a random part of a step, so that the work behind a failure cannot be
    /// timed: the line hides the work, the part hides that a timer fires a little later on a busy thread.
    async fn hold(&self, arrival: Arrival) {
        let GateParts { metronome, failure_grid, clock, randomness, .. } = &self.parts;
        let moment = Beat(*failure_grid).moment(arrival.reading, clock.monotonic(), randomness);
        metronome.wait_until(moment).await;
    }
}

/// At most two live at once (registry).
const SECRETS_OF_A_CLIENT: usize = 2;
