//! Connections that come, stay and go.

use std::sync::Mutex;

use axum::body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: mint.test\r\nconnection: close\r\n\r\n";

async fn door(limits: DoorLimits, tasks: &Tasks) -> SocketAddr {
    let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
    let address = door.address().unwrap();
    door.serve(Router::new().route("/", axum::routing::get(|| async { "here" })), tasks);
    address
}

async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end, too.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("the door hangs up");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn b8_a_connection_that_asks_for_nothing_is_closed() {
    let limits = DoorLimits { first_request_timeout: Duration::from_millis(20), ..DoorLimits::default() };
    let tasks = Tasks::new();
    let address = door(limits, &tasks).await;
    for beginning in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET / HT"] {
        assert!(!say(address, beginning).await.contains("here"));
    }
    assert!(say(address, REQUEST).await.contains("here"));
}

#[tokio::test]
async fn b8_an_address_may_hold_only_so_many_connections() {
    let limits = DoorLimits { max_connections_per_address: 1, ..DoorLimits::default() };
    let tasks = Tasks::new();
    let address = door(limits, &tasks).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: mint.test\r\n\r\n").await.unwrap();
    assert!(first.read(&mut [0; 64]).await.unwrap() > 0, "the first is served, and stays open");
    assert_eq!(say(address, REQUEST).await, "");
}

/// A door behind which an answer never ends; the receiver hears when the answer was dropped.
async fn endless_door(tasks: &Tasks) -> (SocketAddr, tokio::sync::oneshot::Receiver<()>) {
    let limits = DoorLimits { write_timeout: Duration::from_millis(50), ..DoorLimits::default() };
    let (gone, is_gone) = tokio::sync::oneshot::channel::<()>();
    let gone = Arc::new(Mutex::new(Some(gone)));
    let endless = move || {
        let gone = gone.lock().unwrap().take();
        let chunks = futures::stream::repeat_with(move || {
            let _held = &gone;
            Ok::<_, Infallible>(Bytes::from_static(&[0; 65_536]))
        });
        async { Body::from_stream(chunks) }
    };
    let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
    let address = door.address().unwrap();
    door.serve(Router::new().route("/", axum::routing::get(endless)), tasks);
    (address, is_gone)
}

#[tokio::test]
async fn b8_whoever_does_not_read_is_not_waited_for() {
    let tasks = Tasks::new();
    let (address, is_gone) = endless_door(&tasks).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let ended = timeout(Duration::from_secs(20), is_gone).await.expect("the door gives up");
    assert!(ended.is_err(), "the answer was dropped with its connection");
}

#[tokio::test]
async fn b8_whoever_leaves_an_answer_lying_on_a_living_connection_is_not_waited_for() {
    let tasks = Tasks::new();
    let (address, is_gone) = endless_door(&tasks).await;
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = channel.initial_stream_window_size(65_535).connect().await.unwrap();
    let request = Request::get(format!("http://{address}/")).body(tonic::body::Body::empty()).unwrap();
    let _unread = tower::ServiceExt::oneshot(channel, request).await.unwrap();
    let ended = timeout(Duration::from_secs(20), is_gone).await.expect("the door gives up");
    assert!(ended.is_err(), "the answer was dropped with its connection");
}

#[tokio::test]
async fn a_door_with_a_limit_out_of_bounds_is_not_opened() {
    let limits = DoorLimits { max_streams: 0, ..DoorLimits::default() };
    let refused = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    assert!(refused.to_string().contains("max_streams"), "{refused}");
}

#[tokio::test]
async fn a_draining_door_tells_those_who_ask_that_it_was_their_last_answer() {
    let tasks = Tasks::new();
    let address = door(DoorLimits { lame_duck: Duration::from_mins(1), ..DoorLimits::default() }, &tasks).await;
    let request = b"GET / HTTP/1.1\r\nhost: mint.test\r\n\r\n";
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(request).await.unwrap();
    let mut answer = [0; 1024];
    let count = kept.read(&mut answer).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer[..count]).contains("connection: close"));
    let draining = tasks.clone();
    tokio::spawn(async move { draining.drain().await });
    tasks.cancelled().await;
    let last = loop {
        let mut last = String::new();
        // Whether the door has heard already is not to be seen from here.
        kept.write_all(request).await.unwrap();
        let count = timeout(Duration::from_secs(20), kept.read(&mut answer)).await.unwrap().unwrap();
        last.push_str(&String::from_utf8_lossy(&answer[..count]));
        if last.contains("connection: close") {
            break last;
        }
    };
    assert!(last.contains("here"), "{last}");
    assert_eq!(kept.read(&mut answer).await.unwrap(), 0);
}

#[tokio::test]
async fn a_draining_door_still_serves_those_who_have_not_heard() {
    let tasks = Tasks::new();
    let address = door(DoorLimits::default(), &tasks).await;
    let draining = tokio::spawn({
        let tasks = tasks.clone();
        async move { tasks.drain().await }
    });
    tasks.cancelled().await;
    assert!(say(address, REQUEST).await.contains("here"));
    draining.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "then it is closed");
}
