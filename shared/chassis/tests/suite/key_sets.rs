//! A watch of a key set: what it tells key-management, and when it believes that it hears nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mintage_api::keys::key_set_service_server::{KeySetService, KeySetServiceServer};
use mintage_api::keys::watch_key_set_request::Message;
use mintage_api::keys::{
    GetKeySetRequest, GetKeySetResponse, KeySetAcknowledgement, WatchKeySetRequest, WatchKeySetResponse,
    WatchKeySetStart,
};
use mintage_chassis::key_sets::{Floor, Holder, Watch, name_of_this_process};
use mintage_chassis::{Routes, ServiceName, Transport};
use mintage_clock::Randomness;
use mintage_oauth::TenantId;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, async_trait};

type Event = Result<WatchKeySetResponse, Status>;

/// One stream, as key-management has it.
struct Stream {
    said: Streaming<WatchKeySetRequest>,
    tell: mpsc::Sender<Event>,
}

impl Stream {
    async fn said(&mut self) -> Option<Message> {
        let next = timeout(LONG, self.said.message()).await.expect("a word in time");
        next.expect("a word").and_then(|request| request.message)
    }

    async fn acknowledged(&mut self) -> u64 {
        match self.said().await {
            Some(Message::Acknowledgement(acknowledgement)) => acknowledgement.version,
            other => panic!("{other:?}"),
        }
    }

    async fn tell(&self, version: u64) {
        let key_set = Some(GetKeySetResponse { version, ..GetKeySetResponse::default() });
        self.tell.send(Ok(WatchKeySetResponse { key_set, silence_millis: 3000 })).await.expect("told");
    }
}

/// A key-management that hands its streams to the test.
struct Keys(mpsc::Sender<Stream>);

#[async_trait]
impl KeySetService for Keys {
    type WatchKeySetStream = ReceiverStream<Event>;

    async fn watch_key_set(
        &self,
        request: Request<Streaming<WatchKeySetRequest>>,
    ) -> Result<Response<Self::WatchKeySetStream>, Status> {
        let (tell, told) = mpsc::channel(8);
        let _ = self.0.send(Stream { said: request.into_inner(), tell }).await;
        Ok(Response::new(ReceiverStream::new(told)))
    }

    async fn get_key_set(&self, _: Request<GetKeySetRequest>) -> Result<Response<GetKeySetResponse>, Status> {
        Err(Status::unimplemented("a watch does not ask"))
    }
}

/// Holds what it is given once the test lets it; never version 13.
struct Hands {
    gate: Semaphore,
    held: Mutex<Vec<Option<u64>>>,
}

impl Hands {
    fn seen(&self) -> Vec<Option<u64>> {
        self.held.lock().unwrap().clone()
    }
}

#[async_trait]
impl Holder for Hands {
    async fn hold(&self, key_set: GetKeySetResponse) -> bool {
        self.gate.acquire().await.expect("open").forget();
        self.held.lock().unwrap().push(Some(key_set.version));
        key_set.version != 13
    }

    fn lost(&self) {
        self.held.lock().unwrap().push(None);
    }
}

struct Rig {
    streams: mpsc::Receiver<Stream>,
    hands: Arc<Hands>,
    watching: JoinHandle<()>,
}

impl Rig {
    fn new() -> Self {
        let (opened, streams) = mpsc::channel(8);
        let routes = Routes::new(KeySetServiceServer::new(Keys(opened)));
        let hands = Arc::new(Hands { gate: Semaphore::new(1000), held: Mutex::default() });
        let keys = Transport::in_process(ServiceName::EDGE, routes);
        let (tenant, holder) = (TenantId::default_tenant(), Arc::clone(&hands) as Arc<dyn Holder>);
        let watch = Watch::new(tenant, "pod-7".to_owned(), holder, keys, Randomness::seeded(1));
        Self { streams, hands, watching: tokio::spawn(watch.run()) }
    }

    /// The next stream, begun.
    async fn stream(&mut self) -> Stream {
        let mut stream = timeout(LONG, self.streams.recv()).await.expect("a stream in time").expect("a stream");
        let start = WatchKeySetStart { tenant_id: "default".to_owned(), watcher: "pod-7".to_owned() };
        assert_eq!(stream.said().await, Some(Message::Start(start)));
        stream
    }
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test(start_paused = true)]
async fn a_key_set_is_acknowledged_once_it_is_in_use_and_not_before() {
    let mut rig = Rig::new();
    let mut stream = rig.stream().await;
    rig.hands.gate.forget_permits(1000);
    stream.tell(7).await;
    assert!(timeout(Duration::from_secs(2), stream.said.message()).await.is_err(), "nothing is said before");
    rig.hands.gate.add_permits(2);
    assert_eq!((stream.acknowledged().await, rig.hands.seen()), (7, vec![Some(7)]));
    stream.tell(8).await;
    assert_eq!((stream.acknowledged().await, rig.hands.seen()), (8, vec![Some(7), Some(8)]));
}

#[tokio::test(start_paused = true)]
async fn lesson_25_a_set_that_cannot_be_used_is_not_acknowledged_and_asked_for_again() {
    let mut rig = Rig::new();
    let mut stream = rig.stream().await;
    stream.tell(13).await;
    assert_eq!(stream.said().await, None, "the stream ends without an acknowledgement");
    let mut next = rig.stream().await;
    next.tell(14).await;
    assert_eq!((next.acknowledged().await, rig.hands.seen()), (14, vec![Some(13), None, Some(14)]));
}

#[tokio::test(start_paused = true)]
async fn silence_is_loss_and_a_sign_of_life_is_none() {
    let mut rig = Rig::new();
    let mut stream = rig.stream().await;
    stream.tell(7).await;
    stream.acknowledged().await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(2900)).await;
        stream.tell.send(Ok(WatchKeySetResponse { key_set: None, silence_millis: 3000 })).await.expect("told");
    }
    let quiet = Instant::now();
    rig.stream().await;
    let took = quiet.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_secs(4)).contains(&took), "{took:?}");
    assert_eq!(rig.hands.seen(), [Some(7), None]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_or_breaks_is_followed_by_another_and_later_each_time_nothing_is_heard() {
    let mut rig = Rig::new();
    let mut stream = rig.stream().await;
    stream.tell(7).await;
    stream.acknowledged().await;
    drop(stream);
    let began = Instant::now();
    for _ in 0..6 {
        let stream = rig.stream().await;
        stream.tell.send(Err(Status::unavailable("not now"))).await.expect("told");
    }
    rig.stream().await;
    assert!(began.elapsed() > Duration::from_millis(50 * 63 / 2), "{:?}", began.elapsed());
    let mut well = rig.stream().await;
    well.tell(8).await;
    well.acknowledged().await;
    drop(well);
    let ended = Instant::now();
    rig.stream().await;
    assert!(ended.elapsed() <= Duration::from_millis(50), "what was heard ends the pauses");
}

#[tokio::test(start_paused = true)]
async fn b32_an_older_set_than_one_before_is_neither_used_nor_acknowledged_until_no_replica_can_lag_so_far() {
    let mut rig = Rig::new();
    let mut stream = rig.stream().await;
    stream.tell(10).await;
    assert_eq!(stream.acknowledged().await, 10);
    drop(stream);
    // The next replica has not read of the revocation yet.
    let mut stream = rig.stream().await;
    stream.tell(9).await;
    assert!(timeout(Duration::from_secs(2), stream.said.message()).await.is_err());
    stream.tell(10).await;
    assert_eq!((stream.acknowledged().await, rig.hands.seen()), (10, vec![Some(10), None, Some(10)]));
    tokio::time::sleep(Duration::from_secs(2)).await;
    tokio::time::advance(Floor::HOLDS / 2).await;
    stream.tell(11).await;
    assert_eq!(stream.acknowledged().await, 11);
    // The database is restored: its versions stay behind.
    stream.tell(5).await;
    let told = Instant::now();
    let alive = async {
        loop {
            stream.tell.send(Ok(WatchKeySetResponse { key_set: None, silence_millis: 3000 })).await.expect("told");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let followed = async {
        let next = stream.said.message().await.expect("a word").and_then(|request| request.message);
        assert_eq!(next, Some(Message::Acknowledgement(KeySetAcknowledgement { version: 5 })));
        told.elapsed()
    };
    let took = tokio::select! { took = followed => took, () = alive => unreachable!() };
    assert!((Floor::HOLDS - Duration::from_secs(1)..=Floor::HOLDS * 2).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_gone_is_not_watched_any_more() {
    let mut rig = Rig::new();
    let stream = rig.stream().await;
    stream.tell.send(Err(Status::not_found("no such tenant"))).await.expect("told");
    timeout(LONG, rig.watching).await.expect("an end").expect("no panic");
    assert_eq!(rig.hands.seen(), [None]);
}

#[test]
fn a_process_has_a_name_that_a_watcher_may_have() {
    let randomness = Randomness::seeded(1);
    let (one, two) = (name_of_this_process(&randomness), name_of_this_process(&randomness));
    assert_ne!(one, two);
    assert!((1..=100).contains(&one.len()) && one.bytes().all(|byte| byte.is_ascii_graphic()), "{one}");
}
