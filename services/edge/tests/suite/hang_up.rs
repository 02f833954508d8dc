//! Clients that hang up, and crowds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use mintage_api::token::token_service_server::TokenServiceServer;
use mintage_chassis::Transport;
use mintage_edge::Settings;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Server};

use crate::rig::{FORM, GOOD, RFC_HOST, Rig, send, token_request};
use crate::siblings::Tokens;

fn closed() -> Arc<Tokens> {
    Arc::new(Tokens { gate: Semaphore::new(0), ..Tokens::default() })
}

/// A token service behind a real HTTP/2 connection with the defaults of the transport.
async fn over_tcp(tokens: &Arc<Tokens>) -> Transport {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = incoming.local_addr().unwrap();
    let service = TokenServiceServer::from_arc(Arc::clone(tokens));
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    Transport::remote(endpoint.connect().await.unwrap())
}

#[tokio::test]
async fn a_burst_of_clients_that_hang_up_breaks_off_no_internal_call() {
    const BURST: usize = 400;
    let tokens = closed();
    let transport = over_tcp(&tokens).await;
    let rig = Rig::through(Settings::default(), Arc::clone(&tokens), transport).await;
    let ask = || tokio::spawn(send(rig.router.clone(), token_request(RFC_HOST, FORM, GOOD)));
    let bystander = ask();
    let burst: Vec<_> = (0..BURST).map(|_| ask()).collect();
    until(|| tokens.calls() > BURST).await;
    for client in burst {
        client.abort();
        assert!(client.await.unwrap_err().is_cancelled());
    }
    tokens.gate.add_permits(BURST + 2);
    assert_eq!(timeout(PATIENCE, bystander).await.unwrap().unwrap().status, StatusCode::OK);
    assert_eq!(timeout(PATIENCE, ask()).await.unwrap().unwrap().status, StatusCode::OK);
    until(|| tokens.finished.load(Ordering::SeqCst) == BURST + 2).await;
}

#[tokio::test]
async fn one_more_than_may_be_under_way_is_told_to_come_back() {
    let tokens = closed();
    let transport = over_tcp(&tokens).await;
    let settings = Settings { max_tokens_in_flight: 1, ..Settings::default() };
    let rig = Rig::through(settings, Arc::clone(&tokens), transport).await;
    let first = tokio::spawn(send(rig.router.clone(), token_request(RFC_HOST, FORM, GOOD)));
    until(|| tokens.calls() == 1).await;
    let second = rig.form(GOOD).await;
    assert_eq!(second.error(), (503, "temporarily_unavailable".into()));
    assert_eq!(second.header("retry-after"), Some("1"));
    tokens.gate.add_permits(2);
    assert_eq!(timeout(PATIENCE, first).await.unwrap().unwrap().status, StatusCode::OK);
    assert_eq!(rig.form(GOOD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_service_that_does_not_answer_is_not_waited_for_without_end() {
    let tokens = closed();
    let transport = over_tcp(&tokens).await;
    let settings = Settings { call_timeout: Duration::from_millis(50), ..Settings::default() };
    let rig = Rig::through(settings, tokens, transport).await;
    assert_eq!(rig.form(GOOD).await.error(), (503, "temporarily_unavailable".into()));
}

async fn until(holds: impl Fn() -> bool) {
    let patient = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, patient).await.expect("it happens in time");
}

const PATIENCE: Duration = Duration::from_secs(30);
