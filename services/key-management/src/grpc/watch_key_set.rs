//! `KeySetService/WatchKeySet`: the key set of a tenant, whole at each change, and what its watchers hold of it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{WatchKeySetRequest, WatchKeySetResponse, WatchKeySetStart};
use mintage_chassis::access::{Authority, Operator, Proof};
use mintage_chassis::door::Draining;
use mintage_chassis::telemetry::names::KEY_SET_PUSH;
use mintage_chassis::{Peer, Tasks, source};
use mintage_oauth::{TenantId, TokenLifetime};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status, Streaming};

use super::status::Refusal;
use super::{convert, get_key_set};
use crate::signing::{Keys, Reading};
use crate::watch::{AcknowledgementError, Seat, Standing, Watchers};

/// What a stream of key sets is made of.
pub(super) type Events = ReceiverStream<Result<WatchKeySetResponse, Status>>;

/// Gives the watcher a seat and its stream; what is told on it comes from a task of its own.
pub(super) fn watch_key_set(
    request: Request<Streaming<WatchKeySetRequest>>,
    keys: &Arc<Keys>,
    watchers: &Watchers,
    tasks: &Tasks,
) -> Result<Events, Status> {
    let caller = Caller::of(&request);
    let seat = watchers.seat(caller.standing()).ok_or(Refusal::NoSeat)?;
    let turn = watchers.turn();
    let drains = request.extensions().get::<Draining>().cloned().unwrap_or_default();
    let settings = watchers.settings();
    let (events, stream) = mpsc::channel(1);
    let watching = Watching {
        keys: Arc::clone(keys),
        seat,
        caller,
        turn,
        events,
        sign_of_life: settings.sign_of_life_interval,
        silence: settings.silence(),
    };
    let requests = request.into_inner();
    tasks.spawn("key set watcher", async move {
        let hung_up = watching.events.clone();
        tokio::select! {
            () = watching.serve(requests) => {}
            () = hung_up.closed() => {}
            () = drains.ended() => {}
        }
    });
    Ok(ReceiverStream::new(stream))
}

/// Who watches.
enum Caller {
    Service(&'static str),
    Operator(Operator, Option<Proof>),
    Anyone(Option<IpAddr>),
}

impl Caller {
    fn of<T>(request: &Request<T>) -> Self {
        let extensions = request.extensions();
        match (extensions.get(), extensions.get()) {
            (Some(Peer::Service(name)), _) => Self::Service(name.as_str()),
            (_, Some(operator)) => Self::Operator(Operator::clone(operator), extensions.get().cloned()),
            _ => Self::Anyone(source::of(request)),
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Service(_) => Standing::Service,
            Self::Operator(operator, _) => Standing::Operator(operator.tenant.clone()),
            Self::Anyone(address) => Standing::other(*address),
        }
    }

    /// The tenant whose key set it may watch under what it proved: who counts holds keys back.
    fn tenant_for(&self, asked: &str) -> Result<TenantId, Status> {
        match self {
            Self::Operator(operator, _) => operator.tenant_for(asked),
            Self::Service(_) | Self::Anyone(_) if asked.is_empty() => Ok(TenantId::default_tenant()),
            Self::Service(_) | Self::Anyone(_) => Ok(convert::tenant("start.tenant_id", asked)?),
        }
    }

    /// What operators see: first what was proven, then what it says of itself.
    fn named(&self, said: &str) -> String {
        match self {
            Self::Service(name) => format!("{name}: {said}"),
            Self::Operator(Operator { authority: Authority::Token { client_id, .. }, .. }, _) => {
                format!("{client_id}: {said}")
            }
            Self::Operator(..) | Self::Anyone(_) => said.to_owned(),
        }
    }

    /// Ends when what it proved is not so any more, or its turn is over.
    async fn ends(&self, turn: Duration) -> Result<(), Status> {
        match self {
            Self::Service(_) => std::future::pending().await,
            Self::Operator(_, proof) => tokio::select! {
                why = async { match proof {
                    Some(proof) => proof.ends().await,
                    None => std::future::pending().await,
                } } => Err(why),
                // No token lives longer.
                () = tokio::time::sleep(TokenLifetime::OPERATOR.as_duration()) => Ok(()),
            },
            Self::Anyone(_) => {
                tokio::time::sleep(turn).await;
                Ok(())
            }
        }
    }
}

/// One stream.
struct Watching {
    keys: Arc<Keys>,
    seat: Seat,
    caller: Caller,
    /// For how long anybody may sit.
    turn: Duration,
    events: mpsc::Sender<Result<WatchKeySetResponse, Status>>,
    sign_of_life: Duration,
    silence: Duration,
}

impl Watching {
    async fn serve(self, mut requests: Streaming<WatchKeySetRequest>) {
        let outcome = match self.begin(&mut requests).await {
            // Acknowledgements are read while changes are told: neither waits for the other.
            Ok(tenant) => tokio::select! {
                outcome = self.listen(requests) => outcome,
                outcome = self.tell(&tenant) => outcome,
                outcome = self.caller.ends(self.turn) => outcome,
            },
            Err(refused) => Err(refused),
        };
        if let Err(status) = outcome {
            // A reader that takes nothing hears no reason either.
            let _ = self.events.send_timeout(Err(status), self.silence).await;
        }
    }

    async fn begin(&self, requests: &mut Streaming<WatchKeySetRequest>) -> Result<TenantId, Status> {
        let first = tokio::time::timeout(OPENING, requests.message()).await;
        let first = first.map_err(|_| Refusal::Missing("start"))??.and_then(|request| request.message);
        let Some(Message::Start(WatchKeySetStart { tenant_id, watcher })) = first else {
            return Err(Refusal::Missing("start").into());
        };
        let tenant = self.caller.tenant_for(&tenant_id)?;
        if watcher.is_empty() {
            return Err(Refusal::Missing("start.watcher").into());
        }
        if watcher.len() > LONGEST_NAME || !watcher.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            let rule = format!("it has more than {LONGEST_NAME} characters, or some that are not printable ASCII");
            return Err(Refusal::invalid("start.watcher", &rule).into());
        }
        self.seat.watch(tenant.clone(), self.caller.named(&watcher));
        Ok(tenant)
    }

    async fn listen(&self, mut requests: Streaming<WatchKeySetRequest>) -> Result<(), Status> {
        while let Some(request) = requests.message().await? {
            let Some(Message::Acknowledgement(acknowledgement)) = request.message else {
                return Err(Refusal::invalid("message", &"a stream starts once").into());
            };
            self.seat.acknowledge(acknowledgement.version).map_err(|error| match error {
                AcknowledgementError::NeverSent => Refusal::invalid("acknowledgement.version", &error),
                AcknowledgementError::TooMany => Refusal::TooManyAcknowledgements,
            })?;
        }
        if self.caller.standing().counts() {
            // It can acknowledge nothing any more, and nothing shall wait for it.
            return Ok(());
        }
        std::future::pending().await
    }

    /// Tells what is, again and again: whoever reads slowly is spared what was in between.
    async fn tell(&self, tenant: &TenantId) -> Result<(), Status> {
        let mut readings = self.keys.readings();
        let mut ticks = tokio::time::interval(self.sign_of_life);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let (mut told, mut is_due) = (None, false);
        loop {
            let reading = *readings.borrow_and_update();
            let set = self.keys.key_set(tenant).await.map_err(Refusal::from)?.ok_or(Refusal::TenantUnknown)?;
            if told != Some(set.version) {
                self.seat.sent(set.version);
                self.send(Some(get_key_set::response(&set, &self.keys))).await?;
                if told.replace(set.version).is_some() {
                    KEY_SET_PUSH.record(reading.at.elapsed().as_secs_f64(), []);
                }
                ticks.reset();
            } else if is_due {
                self.send(None).await?;
            }
            is_due = next(&mut readings, &mut ticks).await?;
        }
    }

    async fn send(&self, key_set: Option<mintage_api::keys::GetKeySetResponse>) -> Result<(), Status> {
        let silence_millis = u32::try_from(self.silence.as_millis()).unwrap_or(u32::MAX);
        let event = WatchKeySetResponse { key_set, silence_millis };
        let sent = self.events.send_timeout(Ok(event), self.silence).await;
        sent.map_err(|_| Refusal::NotRead.into())
    }
}

/// Waits for another reading, or until a sign of life is due: whether one is.
async fn next(readings: &mut watch::Receiver<Reading>, ticks: &mut tokio::time::Interval) -> Result<bool, Status> {
    tokio::select! {
        changed = readings.changed() => changed.map(|()| false).map_err(|_| Refusal::NotRead.into()),
        _ = ticks.tick() => Ok(true),
    }
}

/// How long a watcher may take to say what it watches.
const OPENING: Duration = Duration::from_secs(10);
const LONGEST_NAME: usize = 100;
