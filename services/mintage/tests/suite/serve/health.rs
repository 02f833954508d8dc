//! `mintage health`, as container engines run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use crate::running::{Outcome, mintage};

fn health(address: SocketAddr, more: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    Outcome::of(mintage(folder.path()).args(["health", "--address", &address.to_string()]).args(more))
}

/// A door that reads a request, says `answer` and hangs up.
fn door(answer: &'static str) -> (SocketAddr, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        request.truncate(length);
        String::from_utf8(request).unwrap()
    });
    (address, asked)
}

#[test]
fn a_process_that_is_ready_is_well_and_one_that_is_not_says_why() {
    let (ready, asked) = door("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nready\n");
    let outcome = health(ready, &[]);
    assert_eq!((outcome.code, &*outcome.stdout), (0, "ready\n"), "{outcome:?}");
    assert!(asked.join().unwrap().starts_with("GET /readyz HTTP/1.1\r\n"));

    let (draining, asked) = door("HTTP/1.1 503 Service Unavailable\r\n\r\ndraining\n");
    let outcome = health(draining, &[]);
    assert_eq!((outcome.code, &*outcome.stdout), (1, ""), "{outcome:?}");
    assert_eq!(outcome.stderr, format!("mintage: {draining}/readyz: 503, draining\n"));
    asked.join().unwrap();

    let (alive, asked) = door("HTTP/1.1 200 OK\r\n\r\nalive\n");
    assert_eq!(health(alive, &["--alive"]).code, 0);
    assert!(asked.join().unwrap().starts_with("GET /healthz HTTP/1.1\r\n"));
}

#[test]
fn nobody_at_the_door_somebody_silent_and_somebody_else_are_not_well() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    let outcome = health(silent, &[]);
    assert_eq!((outcome.code, outcome.stderr.contains("in time")), (1, true), "{outcome:?}");
    drop(listener);
    assert_eq!(health(silent, &[]).code, 1);
    let (other, asked) = door("SSH-2.0-OpenSSH_9.2\r\n");
    let outcome = health(other, &[]);
    assert_eq!((outcome.code, outcome.stderr.contains("does not speak HTTP")), (1, true), "{outcome:?}");
    asked.join().unwrap();
}
