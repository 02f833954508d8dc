//! What strangers may take of a door.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, StatusCode};
use mintage_chassis::Tasks;
use mintage_chassis::door::{Door, DoorLimits, Security};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

const SHARE: usize = 3;

/// A door behind which bodies are read to their end, and what tells that one is about to be.
async fn door(tasks: &Tasks) -> (SocketAddr, UnboundedReceiver<()>) {
    let (taken_in, is_taken_in) = unbounded_channel();
    let read = post(async move |body: Body| {
        taken_in.send(()).unwrap();
        axum::body::to_bytes(body, 1024).await.map(drop).map_err(|_| StatusCode::BAD_REQUEST)
    });
    let limits = DoorLimits { max_requests: SHARE + 1, max_requests_per_address: SHARE, ..DoorLimits::default() };
    let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
    let address = door.address().unwrap();
    door.serve(Router::new().route("/", read), tasks);
    (address, is_taken_in)
}

/// A connection from 127.0.0.`last`, open until its task is aborted.
async fn connect(last: u8, door: SocketAddr) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, last], 0).into()).unwrap();
    let (requests, connection) = h2::client::handshake(socket.connect(door).await.unwrap()).await.unwrap();
    (requests, tokio::spawn(async { connection.await.unwrap() }))
}

fn question() -> Request<()> {
    Request::post("http://mint.test/").body(()).unwrap()
}

async fn ask(requests: &SendRequest<Bytes>) -> StatusCode {
    let mut requests = requests.clone().ready().await.unwrap();
    let (answer, _) = requests.send_request(question(), true).unwrap();
    timeout(Duration::from_secs(20), answer).await.unwrap().unwrap().status()
}

#[tokio::test]
async fn b8_one_address_that_trickles_all_it_may_leaves_the_others_served_until_it_hangs_up() {
    let tasks = Tasks::new();
    let (door, mut taken_in) = door(&tasks).await;
    let (trickling, connection) = connect(1, door).await;
    let mut bodies = Vec::new();
    for _ in 0..SHARE {
        let mut trickling = trickling.clone().ready().await.unwrap();
        let (answer, mut body) = trickling.send_request(question(), false).unwrap();
        body.send_data(Bytes::from_static(b"g"), false).unwrap();
        taken_in.recv().await.unwrap();
        bodies.push((answer, body));
    }
    let (same, _) = connect(1, door).await;
    assert_eq!(ask(&same).await, StatusCode::SERVICE_UNAVAILABLE, "another connection is no other address");
    let (other, _) = connect(2, door).await;
    assert_eq!(ask(&other).await, StatusCode::OK);

    connection.abort();
    drop((trickling, bodies));
    let served = async { while ask(&same).await != StatusCode::OK {} };
    timeout(Duration::from_secs(20), served).await.expect("its places come back");
}

#[tokio::test]
async fn b8_a_header_longer_than_the_door_reads_is_refused_in_either_protocol() {
    let tasks = Tasks::new();
    let (door, _taken_in) = door(&tasks).await;
    let long = "x".repeat(usize::try_from(DoorLimits::default().max_header_bytes).unwrap());
    let (requests, _) = connect(1, door).await;
    let request = Request::post("http://mint.test/").header("long", &long).body(()).unwrap();
    let (answer, _) = requests.ready().await.unwrap().send_request(request, true).unwrap();
    let answer = timeout(Duration::from_secs(20), answer).await.unwrap();
    let refused = answer.is_ok_and(|answer| answer.status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert!(refused);

    let mut stream = TcpSocket::new_v4().unwrap().connect(door).await.unwrap();
    let request = format!("POST / HTTP/1.1\r\nhost: mint.test\r\nlong: {long}\r\n\r\n");
    // The door may hang up before it has read all of it.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("the door hangs up");
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

#[tokio::test]
async fn b8_a_connection_carries_no_more_requests_at_once_than_the_door_says() {
    let tasks = Tasks::new();
    let limits = DoorLimits { max_streams: 2, ..DoorLimits::default() };
    let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, limits).await.unwrap();
    let address = door.address().unwrap();
    door.serve(Router::new().route("/", post(std::future::pending::<()>)), &tasks);
    let (requests, _) = connect(1, address).await;
    let said = async {
        while requests.current_max_send_streams() != 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), said).await.expect("the door says so");
}
